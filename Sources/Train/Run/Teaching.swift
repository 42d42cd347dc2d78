import Audio
import Foundation
import Models
import Pretrain
import Tensor

/// Fits a recipe's teachers on a collection and labels it: for each of them one store `labels-<n>.h5`, what
/// the labels are like, `labels-<n>.json`, and what it keeps of itself, `teacher-<n>.safetensors`.
public struct Teaching {
  private let recipe: Recipe
  private let folder: URL
  private let stages: Stages

  /// - Parameters:
  ///   - folder: Where labels and teachers lie or will lie.
  ///   - stages: Where the runs of earlier stages lie; `folder/stages` unless given.
  public init(_ recipe: Recipe, folder: URL, stages: URL? = nil) {
    (self.recipe, self.folder) = (recipe, folder)
    self.stages = Stages(of: recipe, in: stages ?? folder.stages)
  }

  /// The codes of a collection, as training wants them.
  public struct Labels: Sendable {
    /// For every file and label set the codes of its frames; empty without label sets.
    public var codes: [[[Int32]]] = []
    /// How many codes each label set has.
    public var codebooks: [Int] = []
    /// Changes when any label does; nil without label sets.
    public var fingerprint: String?
  }

  /// Whether all labels are there.
  public var isDone: Bool {
    teachers.indices.allSatisfy { FileManager.default.fileExists(atPath: store($0).path) }
  }

  private var teachers: [any LabelSetting] { recipe.teacher.labelling }

  /// Makes sure, before any work, that what the teachers are made from is there.
  /// - Throws: An error that says how to get it.
  public func checkSources() throws {
    for teacher in teachers { try teacher.checkSources(of: recipe) }
  }

  /// Fits every teacher and writes its labels.
  ///
  /// - Parameters:
  ///   - fitting: Told how many of the files that a teacher is fitted on are heard, from 0 on.
  ///   - progress: Told how many files of how many are labelled, over all teachers.
  public func teach(
    _ audio: any AudioSource, from manifest: Manifest, fitting: Audio.Progress? = nil,
    progress: Audio.Progress? = nil
  ) throws -> [LabelQuality] {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw RunError.unwritable(folder.path, reason: error.localizedDescription)
    }
    // Labels of another kind under the same name are somebody else's.
    let known = (try? CorpusLabels.read(URL(fileURLWithPath: manifest.root))) ?? []
    return try teachers.enumerated().flatMap { number, setting in
      let teacher = try setting.teacher(
        for: Lesson(
          recipe: recipe, audio: audio, manifest: manifest,
          seed: UInt64(recipe.seed) &+ UInt64(number), stages: stages, progress: fitting))
      if !teacher.tensors.isEmpty { try SafeTensors.write(teacher.tensors, to: kept(number)) }
      return try label(audio, of: manifest, known, by: teacher, number) { done, total in
        progress?(number * total + done, teachers.count * total)
      }
    }
  }

  private func label(
    _ audio: any AudioSource, of manifest: Manifest, _ known: [PieceLabels],
    by teacher: any LabelTeacher, _ number: Int, progress: Audio.Progress
  ) throws -> [LabelQuality] {
    let rate = try teachers[number].rate(for: recipe)
    let writer = try LabelStoreWriter(
      at: store(number).path,
      description: LabelStore.Description(
        teacher: try description(number), rate: rate, codebookSizes: teacher.codebookSizes,
        creator: "etude \(etudeVersion)"))
    var count = LabelQualityCount(
      codebookSizes: teacher.codebookSizes, rate: rate, known: known)
    progress(0, audio.count)
    for file in 0..<audio.count {
      let entry = audio.files[file]
      let codes = try teacher.codes(of: file, in: audio)
      try writer.append(
        entry.path, codes: codes, samples: entry.samples,
        audioHash: ContentHash.ofFile(at: manifest.path(of: entry)),
        tolerance: rate.tolerance(toHop: frameHop))
      count.add(entry.path, codes.integerRows)
      progress(file + 1, audio.count)
    }
    try writer.finish()
    let qualities = count.qualities(store: store(number).lastPathComponent)
    try AtomicFile.write(
      qualities.json(), to: folder.appendingPathComponent("labels-\(number).json"))
    return qualities
  }

  /// Reads the labels of a collection, a code for every frame of the model.
  /// - Throws: `LabelError` if they are missing, of another teacher or rate, or of changed audio.
  public func labels(of audio: any AudioSource, from manifest: Manifest) throws -> Labels {
    guard !teachers.isEmpty else { return Labels() }
    let stores = try teachers.enumerated().map { number, setting in
      let store = try LabelStore(at: store(number).path)
      try store.check(setting.rate(for: recipe))
      try store.check(teacher: description(number))
      return store
    }
    var hash = ContentHash()
    let codes = try audio.files.map { entry in
      let audioHash = try ContentHash.ofFile(at: manifest.path(of: entry))
      return try stores.flatMap { store in
        let rate = store.description.rate
        try store.check(
          entry.path, frames: entry.samples / rate.hop, audioHash: audioHash,
          tolerance: rate.tolerance(toHop: frameHop))
        return try store.codes(of: entry.path).integerRows.map { codes in
          codes.withUnsafeBytes { hash.update(Data($0)) }
          return rate.aligned(codes, toHop: frameHop)
        }
      }
    }
    return Labels(
      codes: codes, codebooks: stores.flatMap(\.description.codebookSizes),
      fingerprint: String(hash.value, radix: 16))
  }

  /// A name for a folder that recipes with the same teachers share.
  public static func key(of recipe: Recipe) throws -> String {
    let teaching = Teaching(recipe, folder: URL(fileURLWithPath: "/"))
    var hash = ContentHash()
    for (number, setting) in teaching.teachers.enumerated() {
      // Also where codes come from, which the description leaves out.
      let words = [try teaching.description(number), "\(try setting.rate(for: recipe))"]
      let settings = try RecipeFile.flattened(setting).map { "\($0.path)=\($0.value)" }
      for word in words + settings { hash.update(Data((word + "\n").utf8)) }
    }
    return String(hash.value, radix: 16)
  }

  /// Samples from one frame of the model to the next.
  private var frameHop: Int { recipe.encoder.frontEnd.stride }

  /// The teacher's settings: labels of other settings are refused.
  private func description(_ number: Int) throws -> String {
    let resampler = recipe.data.resampler
    let heard = resampler == .soxr ? [] : ["resampler=\(resampler.rawValue)"]
    let words = try teachers[number].words(for: recipe)
    return (words + ["seed=\(recipe.seed)"] + heard).joined(separator: " ")
  }

  private func store(_ number: Int) -> URL { folder.appendingPathComponent("labels-\(number).h5") }

  private func kept(_ number: Int) -> URL {
    folder.appendingPathComponent("teacher-\(number).safetensors")
  }
}

extension Tensor {
  /// The rows of an int32 `[rows, columns]`.
  fileprivate var integerRows: [ArraySlice<Int32>] {
    let (all, columns) = (integers, shape[1])
    return (0..<shape[0]).map { all[$0 * columns..<($0 + 1) * columns] }
  }
}

extension [LabelQuality] {
  /// One list, a label set each.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }
}
