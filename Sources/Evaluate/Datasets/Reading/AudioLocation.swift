import Foundation

/// Finds the audio of an item that a data set names with one ending and that a user may have with another.
enum AudioLocation {
  /// Endings in the order in which they are tried after the one that is named: those in capitals after all others.
  static let endings: [String] = {
    let endings = ["wav", "flac", "mp3", "ogg", "opus", "low.mp3"]
    return endings + endings.map { $0.uppercased() }
  }()

  /// The path of a file of this name, or of its name with another ending of audio; nil if there is none.
  static func find(_ name: String, in folder: URL) -> String? {
    let named = folder.appendingPathComponent(name)
    if exists(named) { return named.path }
    let stem = named.deletingPathExtension()
    return endings.map { stem.appendingPathExtension($0) }.first(where: exists)?.path
  }

  /// A path as every spelling of it has it, links followed.
  static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardized.path
  }

  /// The name of a file without its ending; nil if that is none of audio.
  static func stem(of name: String) -> String? {
    let all = endings.filter { name.lowercased().hasSuffix(".\($0)") }
    return all.max { $0.count < $1.count }.map { String(name.dropLast($0.count + 1)) }
  }

  private static func exists(_ url: URL) -> Bool {
    access(url.path, F_OK) == 0
  }
}
