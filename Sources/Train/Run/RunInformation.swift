import Audio
import Foundation
import Models

/// `run.json`: what a run was made from.
public struct RunInformation: Codable, Sendable, Equatable {
  /// A file that was left out.
  public struct Skipped: Codable, Sendable, Equatable {
    /// Relative to the data's root.
    public var path: String
    /// Why.
    public var reason: String
  }

  /// The data's root folder.
  public var data: String
  /// Usable files.
  public var files: Int
  /// Their length together.
  public var seconds: Double
  /// How much of that is digital silence; nil if it is not known.
  public var silentSeconds: Double?
  /// The files left out.
  public var skipped: [Skipped]
  /// Numbers that the run learns, heads included.
  public var parameters: Int

  /// Writes it into a run folder.
  /// - Throws: `RunError.unwritable`.
  func write(to run: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      try encoder.encode(self).write(to: run.informationFile, options: .atomic)
    } catch {
      throw RunError.unwritable(run.informationFile.path, reason: error.localizedDescription)
    }
  }

  /// Reads that of a run folder.
  /// - Throws: `RunError.checkpoint` if it is missing or damaged.
  public init(of run: URL) throws {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: run.informationFile))
    } catch {
      throw RunError.checkpoint(
        run.informationFile.path, reason: "it is missing or damaged; start the run anew")
    }
  }

  init(_ audio: any AudioSource, root: String, skipped: [Manifest.Skipped], parameters: Int) {
    (data, files, seconds) = (root, audio.count, audio.seconds)
    silentSeconds = audio.silentSeconds
    self.skipped = skipped.map { Skipped(path: $0.path, reason: $0.reason) }
    self.parameters = parameters
  }
}
