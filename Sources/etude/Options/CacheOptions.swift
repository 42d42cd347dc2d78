import ArgumentParser
import Audio
import Foundation

/// The option for decoded audio that is kept.
struct CacheOptions: ParsableArguments {
  @Option(
    name: .customLong("cache"),
    help: ArgumentHelp(
      "A folder that keeps decoded audio for all runs; without it each run decodes for itself.",
      valueName: "dir"))
  var folder: String?

  func validate() throws { try requirePath("--cache", folder) }

  /// The cache; nil if none is named.
  func open() throws -> AudioCache? {
    try folder.map { try AudioCache(URL(fileURLWithPath: $0)) }
  }
}
