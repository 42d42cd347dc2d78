import Foundation
import Tensor

extension Manifest {
  /// What a scan found.
  public struct Scan: Sendable, Equatable {
    /// The usable files.
    public var manifest: Manifest
    /// The files with an audio name that cannot be used. Report them.
    public var skipped: [Skipped]
  }

  /// Endings of names that make a file count as audio, also of formats that libsndfile cannot
  /// read, so that those are reported and not passed over.
  public static let audioExtensions: Set<String> = [
    "wav", "wave", "w64", "rf64", "flac", "ogg", "oga", "opus", "mp3", "mp2", "aif", "aiff",
    "aifc", "au", "snd", "caf", "m4a", "aac", "wma", "ape", "wv", "alac",
  ]

  /// Walks a folder and its folders in sorted order and decodes every audio file once, to know
  /// that it is sound.
  ///
  /// Other files are ignored; so are those whose name starts with a dot.
  /// - Parameters:
  ///   - folder: The root.
  ///   - minimumSeconds: Shorter files are skipped.
  ///   - progress: Told after each file.
  /// - Throws: `AudioError.missing`, or `.nothingUsable` if no file is left.
  /// - Complexity: Decodes everything once, on all cores.
  public static func scan(
    _ folder: String, minimumSeconds: Double = 1, progress: Progress? = nil
  ) throws(AudioError) -> Scan {
    guard isFolder(folder) else { throw .missing(path: folder) }
    let root = URL(fileURLWithPath: folder).standardizedFileURL.path
    var skipped: [Skipped] = []
    let paths = audioPaths(below: root, skipped: &skipped)
    let checked = Cores.map(paths.count, progress: progress) {
      check(paths[$0], root: root, minimumSeconds: minimumSeconds)
    }
    for case .failure(let fault) in checked { skipped.append(fault) }
    let entries = checked.compactMap { try? $0.get() }
    guard !entries.isEmpty else { throw .nothingUsable(path: folder, skipped: skipped.count) }
    return Scan(manifest: Manifest(root: root, entries: entries), skipped: skipped)
  }

  /// Opens what a user names as data: a folder is scanned, anything else read as a tsv.
  ///
  /// The files of a tsv are not decoded here; `DecodedAudio` checks them.
  public static func open(
    _ path: String, minimumSeconds: Double = 1, progress: Progress? = nil
  ) throws(AudioError) -> Scan {
    guard !isFolder(path) else {
      return try scan(path, minimumSeconds: minimumSeconds, progress: progress)
    }
    return Scan(manifest: try Manifest(contentsOf: path), skipped: [])
  }
}

extension Manifest.Skipped: Error {}

extension Manifest {
  private static func check(
    _ path: String, root: String, minimumSeconds: Double
  ) -> Result<Entry, Skipped> {
    do throws(AudioError) {
      let samples = try AudioFile(root + "/" + path).usableSamples(minimumSeconds: minimumSeconds)
      return .success(Entry(path: path, samples: samples.count))
    } catch {
      return .failure(Skipped(path: path, reason: error.reason))
    }
  }

  /// The relative paths of all files with an audio name, sorted.
  private static func audioPaths(below root: String, skipped: inout [Skipped]) -> [String] {
    var found: [String] = []
    var visited: Set<String> = []
    var pending = [""]
    while let folder = pending.popLast() {
      // A link may lead back to a folder seen already.
      let real = URL(fileURLWithPath: root + "/" + folder).resolvingSymlinksInPath().path
      guard visited.insert(real).inserted else { continue }
      let names = list(folder, below: root, skipped: &skipped)
      let paths = names.filter { !$0.hasPrefix(".") }.map {
        folder.isEmpty ? $0 : folder + "/" + $0
      }
      pending += paths.filter { isFolder(root + "/" + $0) }
      found += paths.filter { isAudio($0) && !isFolder(root + "/" + $0) }
    }
    skipped += found.filter { !isWritable($0) }.map {
      Skipped(path: $0, reason: "a manifest cannot hold a tab or line break; rename the file")
    }
    return found.filter(isWritable).sorted()
  }

  private static func list(
    _ folder: String, below root: String, skipped: inout [Skipped]
  ) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)
    } catch {
      skipped.append(Skipped(path: folder, reason: "cannot be listed; check its permissions"))
      return []
    }
  }

  private static func isAudio(_ path: String) -> Bool {
    audioExtensions.contains(URL(fileURLWithPath: path).pathExtension.lowercased())
  }

  private static func isWritable(_ path: String) -> Bool {
    !path.contains { $0 == "\t" || $0.isNewline }
  }
}
