import Settings

/// A list of audio files in one folder, with their lengths; fairseq's tsv format.
///
/// The first line is the root folder. Every other line is a path relative to the root, a tab, and
/// the number of samples at the file's own rate.
///
/// - Source: fairseq `examples/wav2vec/wav2vec_manifest.py`.
public struct Manifest: Sendable, Equatable {
  /// One audio file.
  public struct Entry: Sendable, Equatable {
    /// The path relative to the root.
    public var path: String
    /// Frames at the file's own rate.
    public var samples: Int

    /// A file and its length.
    public init(path: String, samples: Int) {
      (self.path, self.samples) = (path, samples)
    }
  }

  /// A file that was left out, and the reason. Run folders and reports store it as `path` and
  /// `reason`.
  public struct Skipped: Codable, Sendable, Hashable, CustomStringConvertible {
    /// The path relative to the root.
    public var path: String
    /// The reason, with a remedy.
    public var reason: String

    /// A file and the reason, with a remedy.
    public init(path: String, reason: String) { (self.path, self.reason) = (path, reason) }

    /// One line for a message.
    public var description: String { "left out \(path): \(reason)".asOneLine }
  }

  /// The folder that the paths are relative to.
  public var root: String
  /// The files, in the order of the list.
  public var entries: [Entry]
  /// The collections that it is made of, by the names that its paths begin with; empty if it is one collection.
  public var parts: [Part] = []

  /// A manifest of the given files.
  public init(root: String, entries: [Entry]) {
    (self.root, self.entries) = (root, entries)
  }

  /// The full path of an entry.
  public func path(of entry: Entry) -> String {
    if let (part, rest) = part(of: entry) {
      return Manifest(root: part.root, entries: []).path(of: Entry(path: rest, samples: 1))
    }
    if entry.path.utf8.first == UInt8(ascii: "/") { return entry.path }
    return root.utf8.last == UInt8(ascii: "/") ? root + entry.path : root + "/" + entry.path
  }
}
