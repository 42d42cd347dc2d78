import Audio
import Cluster
import Files
import Foundation
import Pretrain
import Tensor

/// The audio that a run learns from, file by file and in order: another collection would give it other
/// crops. Kept in a run's folder as `data.tsv`; checkpoints hold its fingerprint.
public struct DataIdentity: Sendable, Equatable, Codable {
  /// One file.
  public struct File: Sendable, Equatable, Codable {
    /// Relative to the data's root.
    public var path: String
    /// Its length at the model's rate.
    public var samples: Int
    /// Of the encoded file: `ContentHash.ofFile`.
    public var hash: UInt64
    /// Of its labels; nil without labels.
    public var labels: UInt64?
    /// Size and time of the file, which show without reading it that it did not change; nil if unknown.
    var stamp: FileStamp?

    init(path: String, samples: Int, hash: UInt64, stamp: FileStamp? = nil) {
      (self.path, self.samples, self.hash, self.stamp) = (path, samples, hash, stamp)
    }
  }

  /// The files, in the manifest's order.
  public internal(set) var files: [File]
  /// The weights of several collections, by the names that their paths begin with; empty without weights.
  private var weights: [Weight] = []

  private struct Weight: Sendable, Equatable, Codable {
    var name: String
    var weight: Double
  }

  /// Reads all audio files, on all cores, but for those that `audio` has read or that did not change since `earlier`.
  ///
  /// - Parameters:
  ///   - audio: The audio.
  ///   - manifest: Where the files of `audio` lie.
  ///   - earlier: The identity of the run so far.
  ///   - ranks: The ranks that share the reading; this process alone unless given.
  ///   - progress: Called after each file.
  /// - Throws: `FileError`.
  public init(
    of audio: any AudioSource, from manifest: Manifest, since earlier: DataIdentity? = nil,
    among ranks: Ranks = .alone, progress: ProgressHandler? = nil
  ) throws {
    let known = (earlier?.files ?? []).byPath
    let own = ranks.share(of: audio.count)
    let files = try ranks.agree {
      let outcomes = Cores.map(own.count, progress: progress) { number in
        Result { try File(own.lowerBound + number, of: audio, from: manifest, since: known) }
      }
      return try outcomes.map { try $0.get() }
    }
    self.files = try ranks.gather(files)
    weights = Self.weights(of: manifest)
  }

  /// Notes the hash of each file's labels.
  mutating func label(_ hashes: [UInt64]) {
    for (number, hash) in hashes.enumerated() { files[number].labels = hash }
  }

  /// Changes when a file, its length or the order of the files does.
  public var fingerprint: String {
    var hash = ContentHash()
    for file in files {
      hash.update(Data("\(file.path)\t\(file.samples)\t\(file.hash)\n".utf8))
    }
    for weight in weights { hash.update(Data("\(weight.name)=\(weight.weight)\n".utf8)) }
    return String(hash.value, radix: 16)
  }
}

extension DataIdentity.File {
  /// The file of a number, which is read unless it is known.
  fileprivate init(
    _ number: Int, of audio: any AudioSource, from manifest: Manifest,
    since known: [[UInt8]: DataIdentity.File]
  ) throws {
    let entry = audio.files[number]
    (path, samples) = (entry.path, entry.samples)
    if let content = audio.content(of: number) {
      (hash, stamp) = (content.hash, content.stamp)
      return
    }
    let path = manifest.path(of: entry)
    stamp = FileStamp(ofAudio: path)
    let former = known[Array(entry.path.utf8)]
    let isSame = stamp != nil && former?.stamp == stamp
    hash = isSame ? former!.hash : try ContentHash.ofFile(at: path)
  }
}

// MARK: - Several collections

extension DataIdentity {
  /// The collections with weights, and which files are theirs; empty without weights.
  var shares: [CropShare] {
    var start = 0
    return weights.map { weight in
      let count = files[start...].prefix { $0.path.hasPrefix(weight.name + "/") }.count
      defer { start += count }
      return CropShare(name: weight.name, files: start..<start + count, weight: weight.weight)
    }
  }

  private static func weights(of manifest: Manifest) -> [Weight] {
    manifest.parts.compactMap { part in
      part.weight.map { Weight(name: part.name, weight: $0) }
    }
  }

  private static func words(_ weights: [Weight]) -> String {
    weights.isEmpty
      ? "none" : weights.map { "\($0.name)=\($0.weight)" }.joined(separator: ", ")
  }
}

// MARK: - Differences

extension DataIdentity {
  /// What differs from an earlier collection, in words; nil if nothing does.
  public func differences(from earlier: DataIdentity) -> String? {
    fileDifferences(from: earlier) ?? Self.difference(weights, from: earlier.weights)
  }

  /// The same of the files alone: labels do not depend on the weights of collections.
  func fileDifferences(from earlier: DataIdentity) -> String? {
    let (now, before) = (files.byPath, earlier.files.byPath)
    let gone = earlier.files.map(\.path).filter { now[Array($0.utf8)] == nil }
    let new = files.map(\.path).filter { before[Array($0.utf8)] == nil }
    let changed = files.filter { file in
      before[Array(file.path.utf8)].map { !$0.isSame(as: file) } ?? false
    }.map(\.path)
    let parts = [
      listing(gone, "gone"), listing(new, "new"), listing(changed, "changed"),
    ].compactMap { $0 }
    if !parts.isEmpty { return parts.joined(separator: ", ") }
    return Self.difference(inOrderOf: files.map(\.path), from: earlier.files.map(\.path))
  }

  private static func difference(inOrderOf paths: [String], from earlier: [String]) -> String? {
    let isSame = paths.elementsEqual(earlier) { $0.utf8.elementsEqual($1.utf8) }
    return isSame ? nil : "the files come in another order"
  }

  private static func difference(_ weights: [Weight], from earlier: [Weight]) -> String? {
    weights == earlier
      ? nil : "the collections have the weights \(words(weights)) and not \(words(earlier))"
  }

  /// What differs between the files that a run was trained on and a collection that is not decoded, in
  /// words; nil if nothing does.
  ///
  /// - Parameter leftOut: Files that the run left out.
  /// - Throws: `FileError`.
  func differences(from manifest: Manifest, leftOut: [String]) throws -> String? {
    let ignored = Set(leftOut.map { Array($0.utf8) })
    let entries = manifest.entries.filter { !ignored.contains(Array($0.path.utf8)) }
    let here = Dictionary(entries.map { (Array($0.path.utf8), $0) }) { first, _ in first }
    let known = files.byPath
    let checks = Cores.map(files.count) { number in
      let entry = here[Array(files[number].path.utf8)]
      return Result { try files[number].isSame(as: entry.map(manifest.path)) }
    }
    let isSame = try checks.map { try $0.get() }
    let parts = [
      listing(files.map(\.path).filter { here[Array($0.utf8)] == nil }, "gone"),
      listing(entries.map(\.path).filter { known[Array($0.utf8)] == nil }, "new"),
      listing(zip(files, isSame).filter { !$1 }.map(\.0.path), "changed"),
    ].compactMap { $0 }
    if !parts.isEmpty { return parts.joined(separator: ", ") }
    return Self.difference(inOrderOf: entries.map(\.path), from: files.map(\.path))
      ?? Self.difference(Self.weights(of: manifest), from: weights)
  }

  /// Files that are as they were and have other labels.
  func relabelled(since earlier: DataIdentity) -> [String] {
    let before = earlier.files.byPath
    return files.filter { file in
      before[Array(file.path.utf8)].map { $0.isSame(as: file) && $0.labels != file.labels } ?? false
    }.map(\.path)
  }

  /// `2 files are new (a.wav, b.wav)`, with at most three names.
  private func listing(_ paths: [String], _ state: String) -> String? {
    guard !paths.isEmpty else { return nil }
    let names = paths.prefix(3).joined(separator: ", ")
    let more = paths.count > 3 ? " and \(paths.count - 3) more" : ""
    return "\(paths.count) \(paths.count == 1 ? "file is" : "files are") \(state) (\(names)\(more))"
  }
}

extension DataIdentity.File {
  fileprivate func isSame(as other: DataIdentity.File) -> Bool {
    hash == other.hash && samples == other.samples
  }

  /// Whether it is the file at a path, which is read only if it changed since; true of no path.
  fileprivate func isSame(as path: String?) throws -> Bool {
    guard let path else { return true }
    if let stamp, stamp == FileStamp(ofAudio: path) { return true }
    return try ContentHash.ofFile(at: path) == hash
  }
}

extension [DataIdentity.File] {
  /// By the bytes of the path: two paths may be equal as text and not on disk.
  fileprivate var byPath: [[UInt8]: DataIdentity.File] {
    Dictionary(map { ([UInt8]($0.path.utf8), $0) }) { first, _ in first }
  }
}

// MARK: - data.tsv

extension DataIdentity {
  private static let columns = ["path", "samples", "hash", "labels", "bytes", "changed"]

  private static func weight(_ line: Substring) -> Weight? {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
    guard fields.count == 3, fields[0] == "weight" else { return nil }
    return Double(fields[2]).map { Weight(name: String(fields[1]), weight: $0) }
  }

  private static func file(of run: URL) -> URL { run.appendingPathComponent("data.tsv") }

  /// The audio of earlier checkpoints, of a run that went on with other audio.
  private static func formerFile(of run: URL, _ fingerprint: String) -> URL {
    run.appendingPathComponent("data-\(fingerprint).tsv")
  }

  /// Writes it into a run's folder.
  /// - Throws: `FileError`.
  func write(to run: URL) throws { try write(as: Self.file(of: run)) }

  /// Keeps it in a run's folder beside the audio that the run goes on with.
  /// - Throws: `FileError`.
  func keep(in run: URL) throws { try write(as: Self.formerFile(of: run, fingerprint)) }

  private func write(as file: URL) throws {
    let rows = files.map { file in
      [
        file.path, "\(file.samples)", String(file.hash, radix: 16),
        file.labels.map { String($0, radix: 16) } ?? "",
        file.stamp.map { "\($0.bytes)" } ?? "", file.stamp.map { "\($0.changed)" } ?? "",
      ]
    }
    let weights = weights.map { ["weight", $0.name, "\($0.weight)"] }
    let lines = ([Self.columns] + weights + rows).map { $0.joined(separator: "\t") + "\n" }
    try AtomicFile.write(Data(lines.joined().utf8), to: file)
  }

  /// The audio of a run's checkpoint, by its fingerprint; that of `data.tsv` if it has no other; nil if there is none.
  /// - Throws: `FileError` if it cannot be read.
  static func known(of run: URL, fingerprint: String?) throws -> DataIdentity? {
    let last = try DataIdentity(of: run)
    guard let fingerprint, fingerprint != last?.fingerprint else { return last }
    return try DataIdentity(contentsOf: formerFile(of: run, fingerprint)) ?? last
  }

  /// Reads that of a run's folder; nil if there is none, as in older runs, or if it is
  /// damaged: then the fingerprint alone counts.
  /// - Throws: `FileError` if it cannot be read.
  package init?(of run: URL) throws { try self.init(contentsOf: Self.file(of: run)) }

  private init?(contentsOf file: URL) throws {
    guard let data = try Presence.content(of: file) else { return nil }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
    guard lines.first?.split(separator: "\t").map(String.init) == Self.columns else { return nil }
    files = []
    for line in lines.dropFirst() {
      if let weight = Self.weight(line) {
        weights.append(weight)
        continue
      }
      guard let file = File(line: line) else { return nil }
      files.append(file)
    }
  }
}

extension DataIdentity.File {
  fileprivate init?(line: Substring) {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
    guard fields.count == 6, let samples = Int(fields[1]), let hash = UInt64(fields[2], radix: 16)
    else { return nil }
    (path, self.samples, self.hash) = (String(fields[0]), samples, hash)
    labels = UInt64(fields[3], radix: 16)
    if let bytes = Int(fields[4]), let changed = Int(fields[5]) {
      stamp = FileStamp(bytes: bytes, changed: changed)
    }
  }
}
