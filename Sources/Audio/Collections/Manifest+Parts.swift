import Foundation

extension Manifest {
  /// One of several collections that make a manifest.
  public struct Part: Sendable, Equatable {
    /// What the paths of its files begin with, before a slash.
    public var name: String
    /// The folder that the rest of these paths is relative to.
    public var root: String
    /// How often its crops come, relative to the weights of the other parts; nil if every crop of all parts comes
    /// equally often.
    public var weight: Double?
  }

  /// Reads or lists several collections as one. The paths of each begin with its name: the last part of its path,
  /// without the extension of a manifest. One collection alone is as `open(_:)` reads it.
  ///
  /// - Parameter collections: Folders, tar files or manifests, each with an optional weight, as in `folk=2`. A
  ///   collection without a weight has 1 if another has one.
  /// - Throws: As `open(_:)`; `AudioError.inconsistent` for an impossible weight, or two collections of one name.
  public static func open(_ collections: [String]) throws(AudioError) -> Scan {
    precondition(!collections.isEmpty, "Manifest.open: no collection")
    let named = try parsed(collections)
    if named.count == 1 {
      guard named[0].weight == nil else {
        throw .inconsistent(path: collections[0], reason: "a weight needs a second collection")
      }
      return try open(named[0].path)
    }
    let isWeighted = named.contains { $0.weight != nil }
    var scan = Scan(
      manifest: Manifest(root: "", entries: []), lengthsAreKnown: true, skipped: [])
    for (path, weight) in named {
      scan.add(try open(path), name: try name(path), weight: isWeighted ? weight ?? 1 : nil)
    }
    try scan.manifest.checkNames()
    scan.manifest.root = scan.manifest.parts.map(\.root).joined(separator: ", ")
    return scan
  }

  /// The paths and weights of `PATH` or `PATH=WEIGHT`. A file or folder of the whole name comes first.
  private static func parsed(
    _ collections: [String]
  ) throws(AudioError) -> [(path: String, weight: Double?)] {
    var named: [(path: String, weight: Double?)] = []
    for text in collections {
      guard let equals = text.lastIndex(of: "="),
        FileManager.default.fileExists(atPath: text) == false
      else {
        named.append((text, nil))
        continue
      }
      let weight = Double(text[text.index(after: equals)...])
      guard let weight, (1e-3...1e3).contains(weight) else {
        throw .inconsistent(path: text, reason: "the weight must be a number from 0.001 to 1000")
      }
      named.append((String(text[..<equals]), weight))
    }
    return named
  }

  private static func name(_ path: String) throws(AudioError) -> String {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    let name =
      isFolder(path) ? url.lastPathComponent : url.deletingPathExtension().lastPathComponent
    guard !name.isEmpty, name != "/" else {
      throw .inconsistent(
        path: path, reason: "has no name to tell its files by; name a folder in it")
    }
    return name
  }

  private func checkNames() throws(AudioError) {
    for (number, part) in parts.enumerated() {
      guard let other = parts[..<number].first(where: { $0.name == part.name }) else { continue }
      throw .inconsistent(
        path: part.root, reason: "has the name of \(other.root); rename one of the collections")
    }
  }

  /// The part that an entry belongs to, and its path there; nil in a manifest of one collection.
  func part(of entry: Entry) -> (part: Part, path: String)? {
    guard !parts.isEmpty, let slash = entry.path.utf8.firstIndex(of: UInt8(ascii: "/")) else {
      return nil
    }
    let name = entry.path[..<slash]
    return parts.first { $0.name == name }.map {
      ($0, String(entry.path[entry.path.utf8.index(after: slash)...]))
    }
  }
}

extension Manifest.Scan {
  fileprivate mutating func add(_ other: Manifest.Scan, name: String, weight: Double?) {
    manifest.parts.append(
      Manifest.Part(name: name, root: other.manifest.root, weight: weight))
    manifest.entries += other.manifest.entries.map {
      Manifest.Entry(path: "\(name)/\($0.path)", samples: $0.samples)
    }
    skipped += other.skipped.map {
      Manifest.Skipped(path: "\(name)/\($0.path)", reason: $0.reason)
    }
    lengthsAreKnown = lengthsAreKnown && other.lengthsAreKnown
  }
}
