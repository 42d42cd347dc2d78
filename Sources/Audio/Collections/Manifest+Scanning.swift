import Foundation
import Tensor

extension Manifest {
  /// The result of a scan.
  public struct Scan: Sendable, Equatable {
    /// The usable files.
    public var manifest: Manifest
    /// Whether the lengths come from decoding, now or when the manifest was written.
    public var lengthsAreKnown: Bool
    /// The files with an audio extension that cannot be used. The caller should report them.
    public var skipped: [Skipped]
  }

  /// The extensions of audio files. They include formats that libsndfile cannot read, so that such
  /// files are reported instead of ignored.
  public static let audioExtensions: Set<String> = [
    "wav", "wave", "w64", "rf64", "flac", "ogg", "oga", "opus", "mp3", "mp2", "aif", "aiff",
    "aifc", "au", "snd", "caf", "m4a", "aac", "wma", "ape", "wv", "alac",
  ]

  /// Lists the audio files in a folder and its subfolders, in sorted order, and decodes each of
  /// them once to check it.
  ///
  /// A tar file counts as a folder; its members are read without unpacking it. Other files are ignored, and so are files whose name starts with a dot.
  /// - Parameters:
  ///   - folder: The root.
  ///   - minimumSeconds: Shorter files are skipped.
  ///   - progress: Called after each file.
  /// - Throws: `AudioError.missing`, or `.nothingUsable` if no file is left.
  /// - Complexity: Decodes every file once, on all cores.
  public static func scan(
    _ folder: String, minimumSeconds: Double = 1, progress: ProgressHandler? = nil
  ) throws(AudioError) -> Scan {
    try walk(folder, progress: progress) { (path) throws(AudioError) in
      try AudioFile(path).check(minimumSeconds: minimumSeconds)
    }
  }

  /// Reads a manifest, or lists the audio files of a folder.
  ///
  /// No file is opened: an `AudioSource` determines the lengths and leaves out what cannot be used. The files of a
  /// folder have a length of 1 here, those of a manifest the length that it gives.
  /// - Parameter path: A folder, a tar file or a manifest.
  /// - Throws: `AudioError.missing`, or `.nothingUsable` if there is no audio.
  public static func open(_ path: String) throws(AudioError) -> Scan {
    guard isFolder(path) || path.isTarFile else {
      return Scan(manifest: try Manifest(contentsOf: path), lengthsAreKnown: true, skipped: [])
    }
    var scan = try walk(path, progress: nil) { _ in 1 }
    scan.lengthsAreKnown = false
    return scan
  }

  private static func walk(
    _ folder: String, progress: ProgressHandler?, length: (String) throws(AudioError) -> Int
  ) throws(AudioError) -> Scan {
    var skipped: [Skipped] = []
    let (root, paths) = try audioPaths(in: folder, skipped: &skipped)
    let checked = Cores.map(paths.count, progress: progress) { index in
      Result { () throws(AudioError) in try length(root + "/" + paths[index]) }
    }
    var entries: [Entry] = []
    for (path, outcome) in zip(paths, checked) {
      switch outcome {
      case .success(let samples): entries.append(Entry(path: path, samples: samples))
      case .failure(let error): skipped.append(Skipped(path: path, reason: error.reason))
      }
    }
    guard !entries.isEmpty else { throw .nothingUsable(path: folder, skipped: skipped) }
    return Scan(
      manifest: Manifest(root: root, entries: entries), lengthsAreKnown: true, skipped: skipped)
  }
}

extension Manifest {
  /// Whether a path names a collection and not one audio file: a folder, a tar file, or a manifest, whose name ends in
  /// `.tsv`.
  public static func isCollection(_ path: String) -> Bool {
    isFolder(path) || path.isTarFile || path.lowercased().hasSuffix(".tsv")
  }

  /// Whether a path names a folder, or a link to one.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(FileName.systemPath(path), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The root that paths are relative to, and the paths of a folder or of a tar file.
  private static func audioPaths(
    in path: String, skipped: inout [Skipped]
  ) throws(AudioError) -> (root: String, paths: [String]) {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    if isFolder(path) { return (url.path, audioPaths(below: url.path, skipped: &skipped)) }
    guard path.isTarFile else {
      guard FileManager.default.fileExists(atPath: path) else { throw .missing(path: path) }
      throw .inconsistent(path: path, reason: "is no folder and no tar file; name one of them")
    }
    let members = try members(of: path).map { url.lastPathComponent + "/" + $0 }
    return (url.deletingLastPathComponent().path, writable(members, skipped: &skipped))
  }

  /// The audio files in a tar file.
  private static func members(of path: String) throws(AudioError) -> [String] {
    try TarIndex.archive(at: path).members.map(\.name).filter { name in
      isAudio(name) && !name.split(separator: "/").contains { $0.hasPrefix(".") }
    }
  }

  /// The relative paths of all files with an audio extension, sorted.
  ///
  /// A folder to which links lead counts once, where it is met first. Folders that lie higher come first, then the order
  /// of their names decides and not that of the disk.
  private static func audioPaths(below root: String, skipped: inout [Skipped]) -> [String] {
    var (found, archives): ([String], [String]) = ([], [])
    var visited: Set<[CChar]> = []
    var pending = [""][...]
    while let folder = pending.popFirst() {
      // A link may lead back to a folder that was visited before.
      guard visited.insert(realPath(of: root + "/" + folder)).inserted else { continue }
      for entry in list(folder, below: root, skipped: &skipped) where !entry.name.hasPrefix(".") {
        let path = folder.isEmpty ? entry.name : folder + "/" + entry.name
        if entry.isFolder ?? isFolder(root + "/" + path) {
          pending.append(path)
        } else if isAudio(path) {
          found.append(path)
        } else if path.isTarFile {
          archives.append(path)
        } else if isCompressedTar(path) {
          skipped.append(Skipped(path: path, reason: "a compressed archive; decompress it to .tar"))
        }
      }
    }
    found += members(of: archives, below: root, skipped: &skipped)
    return writable(found, skipped: &skipped)
  }

  /// The paths of the audio files in tar files, which are read on all cores.
  private static func members(
    of archives: [String], below root: String, skipped: inout [Skipped]
  ) -> [String] {
    let all = Cores.map(archives.count) { number in
      Result { () throws(AudioError) in try members(of: root + "/" + archives[number]) }
    }
    var paths: [String] = []
    for (archive, members) in zip(archives, all) {
      switch members {
      case .success(let names): paths += names.map { archive + "/" + $0 }
      case .failure(let error): skipped.append(Skipped(path: archive, reason: error.reason))
      }
    }
    return paths
  }

  /// Those that a manifest can hold, sorted.
  private static func writable(_ found: [String], skipped: inout [Skipped]) -> [String] {
    skipped += found.filter { !isWritable($0) }.map {
      Skipped(path: $0, reason: "a manifest cannot hold a tab or line break; rename the file")
    }
    return found.filter(isWritable).sorted(by: precedes)
  }

  /// Sorts as text; names that are equal as text are sorted by their bytes.
  private static func precedes(_ a: String, _ b: String) -> Bool {
    a == b ? a.utf8.lexicographicallyPrecedes(b.utf8) : a < b
  }

  private static func realPath(of path: String) -> [CChar] {
    let name = FileName.systemPath(path)
    guard let real = realpath(name, nil) else { return name }
    defer { free(real) }
    return Array(UnsafeBufferPointer(start: real, count: strlen(real)))
  }

  /// The names in a folder, sorted, as text by `FileName`, and whether they name folders; nil of links, and where the
  /// file system does not say.
  private static func list(
    _ folder: String, below root: String, skipped: inout [Skipped]
  ) -> [(name: String, isFolder: Bool?)] {
    guard let stream = opendir(FileName.systemPath(root + "/" + folder)) else {
      skipped.append(Skipped(path: folder, reason: "cannot be listed; check its permissions"))
      return []
    }
    defer { closedir(stream) }
    var names: [(name: String, isFolder: Bool?)] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      let type = Int(entry.pointee.d_type)
      let isFolder = type == Int(DT_DIR) ? true : type == Int(DT_REG) ? false : nil
      names.append((FileName.text(name), isFolder))
    }
    return names.sorted { precedes($0.name, $1.name) }
  }

  private static func isAudio(_ path: String) -> Bool {
    guard let dot = path.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
    return audioExtensions.contains(path[path.utf8.index(after: dot)...].lowercased())
  }

  private static func isCompressedTar(_ path: String) -> Bool {
    [".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst"].contains {
      path.lowercased().hasSuffix($0)
    }
  }

  private static func isWritable(_ path: String) -> Bool {
    !path.contains { $0 == "\t" || $0.isNewline }
  }
}
