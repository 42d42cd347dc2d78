import Audio
import Cluster
import Corpus
import Files
import Foundation
import HDF5
import Models
import Pretrain
import Settings
import Tensor
import YAML

/// Fits a recipe's teachers on a collection and labels it: for each of them one store `labels-<n>.h5`, what
/// the labels are like, `labels-<n>.json`, and what it keeps of itself, `teacher-<n>.safetensors`.
public struct Teaching {
  let recipe: Recipe
  /// Where labels and teachers lie.
  let folder: URL
  /// The earlier recipes that its teachers come from.
  let stages: Stages

  /// - Parameters:
  ///   - recipe: The recipe.
  ///   - folder: Where labels and teachers lie or will lie.
  ///   - stages: Where the runs of earlier stages lie; `folder/stages` unless given.
  public init(_ recipe: Recipe, folder: URL, stages: URL? = nil) {
    (self.recipe, self.folder) = (recipe, folder)
    self.stages = Stages(of: recipe, in: stages ?? folder.stages)
  }

  /// The labels of a collection, as training wants them.
  public struct Labels: Sendable {
    /// Reads the codes of a crop, one for every frame of the model; nil without label sets.
    public var crops: (any CropLabels)?
    /// How many codes each label set has.
    public var codebooks: [Int] = []
    /// Changes when any label does; nil without label sets.
    public var fingerprint: String?
    /// Of every file, changes when any of its labels does; empty without label sets.
    var hashes: [UInt64] = []
  }

  /// Whether the recipe has no teachers that label.
  public var isEmpty: Bool { teachers.isEmpty }

  /// Whether all labels are there.
  /// - Throws: `FileError` if a file cannot be looked at.
  public var isDone: Bool {
    get throws {
      try teachers.indices.allSatisfy { try Presence.kind(of: store($0).path) != nil }
    }
  }

  var teachers: [any LabelSetting] { recipe.teacher.labelling }

  /// Makes sure, before any work, that what the teachers are made from is there.
  /// - Throws: An error with the remedy, if something is missing.
  public func checkSources() throws {
    for teacher in teachers { try teacher.checkSources(of: recipe) }
  }

  /// Fits every teacher and writes its labels. If labelling was interrupted, so that the labels of a teacher are
  /// missing, fitted teachers whose labels are finished and of this audio stay as they are.
  ///
  /// - Parameters:
  ///   - audio: The audio.
  ///   - data: The identity of the audio.
  ///   - manifest: The files.
  ///   - fitting: Called with how much of the fit of a teacher is done, from 0 on, of how much: files read, and
  ///     steps of a training.
  ///   - progress: Called with how many files of how many are labelled, over all teachers.
  ///   - ranks: The ranks that fit and label together.
  ///   - remark: Called with each line that a user should read.
  /// - Returns: What the labels are like; of several ranks, only on the first.
  public func teach(
    _ audio: any AudioSource, _ data: DataIdentity, from manifest: Manifest,
    fitting: ProgressHandler? = nil, progress: ProgressHandler? = nil, among ranks: Ranks = .alone,
    remark: (String) -> Void = { _ in }
  ) throws -> [LabelQuality] {
    try ranks.lead {
      try AtomicFolder.make(folder)
      try AtomicFile.removeUnfinished(["labels-", "teacher-"], in: folder)
    }
    let known = try ranks.isFirst ? knownLabels(of: manifest, remark) : []
    let workers = try ranks.workers
    let goesOn = try ranks.lead { try !isDone }
    return try teachers.indices.flatMap { number -> [LabelQuality] in
      if goesOn, let qualities = try finished(number, data, among: ranks) {
        remark("\(store(number).path): is finished and stays as it is")
        return qualities
      }
      let context = TeachingContext(
        recipe: recipe, audio: audio, manifest: manifest,
        seed: UInt64(recipe.seed) &+ UInt64(number), stages: stages,
        workers: workers, progress: fitting)
      let teacher = try fit(number, context, among: ranks)
      return try label(audio, data, known, by: teacher, number, among: ranks) { done, total in
        progress?(number * total + done, teachers.count * total)
      }
    }
  }

  /// What the labels of a fitted teacher are like, if the first rank finds them finished; nil if not.
  private func finished(
    _ number: Int, _ data: DataIdentity, among ranks: Ranks
  ) throws -> [LabelQuality]? {
    let qualities = try ranks.lead { () -> [LabelQuality]? in try finished(number, data) }
    return qualities.map { ranks.isFirst ? $0 : [] }
  }

  /// The same on this rank. The file of the qualities is written last and removed before a teacher is fitted anew.
  private func finished(_ number: Int, _ data: DataIdentity) throws -> [LabelQuality]? {
    guard teachers[number].isFitted, try Presence.kind(of: kept(number).path) != nil,
      let store = try storeThatIsThere(number), try isOurs(store, number),
      data.fileDifferences(from: DataIdentity(labelled: store)) == nil,
      let content = try Presence.content(of: quality(number))
    else { return nil }
    return try? JSONDecoder().decode([LabelQuality].self, from: content)
  }

  /// A fitted teacher, which a file keeps; ranks other than the first read that file.
  private func fit(
    _ number: Int, _ context: TeachingContext, among ranks: Ranks
  ) throws -> any LabelTeacher {
    let setting = teachers[number]
    let isFitting = setting.isFitted || ranks.isFirst
    // Not agreed upon, since ranks that fit together agree within the fit.
    let fitted = try isFitting ? setting.teacher(for: context) : nil
    try ranks.agree { if ranks.isFirst, let fitted { try keep(fitted, number) } }
    try ranks.share(kept(number))
    return try ranks.agree {
      if ranks.isFirst, let fitted { return fitted }
      return try setting.teacher(keptIn: kept(number), for: context)
    }
  }

  private func keep(_ teacher: any LabelTeacher, _ number: Int) throws {
    guard !teacher.tensors.isEmpty else { return }
    // The labels that are there may be by another fit.
    unlink(quality(number).path)
    try SafeTensors.write(
      teacher.tensors, to: kept(number),
      metadata: teacher.metadata.merging(["format": "pt"]) { $1 })
  }

  /// Gives every rank the stores, and what the teachers keep, if its disk lacks them.
  /// - Throws: `ClusterError`; `FileError`.
  func share(among ranks: Ranks) throws {
    for number in teachers.indices {
      try ranks.share(store(number))
      try ranks.share(kept(number))
    }
  }

  /// The labels of the built-in corpus, to hold codes against; none if the data is another. A file of the
  /// same name may belong to another program, so one that cannot be read is no error.
  private func knownLabels(
    of manifest: Manifest, _ remark: (String) -> Void
  ) throws -> [PieceLabels] {
    let root = URL(fileURLWithPath: manifest.root)
    let file = root.appendingPathComponent(CorpusLabels.fileName)
    do {
      guard try Presence.kind(of: file.path) != nil else { return [] }
      return try CorpusLabels.read(root)
    } catch {
      remark("codes are not held against known labels: \(error)")
      return []
    }
  }

  private func label(
    _ audio: any AudioSource, _ data: DataIdentity, _ known: [PieceLabels],
    by teacher: any LabelTeacher, _ number: Int, among ranks: Ranks, progress: ProgressHandler
  ) throws -> [LabelQuality] {
    let rate = try teachers[number].rate(for: recipe)
    let description = LabelStore.Description(
      teacher: try identity(number), rate: rate, codebookSizes: teacher.codebookSizes,
      creator: "etude \(etudeVersion)")
    var count = LabelQualityCount(
      codebookSizes: teacher.codebookSizes, rate: rate, known: known)
    try Labelling(
      of: audio, hashes: data.files.map(\.hash), by: teacher, description: description,
      tolerance: rate.tolerance(toHop: frameHop), among: ranks
    ).write(to: store(number).path, progress: progress) { count.add($0, $1.integerRows) }
    guard ranks.isFirst else { return [] }
    let qualities = count.qualities(store: store(number).lastPathComponent)
    try AtomicFile.write(
      qualities.json(), to: quality(number))
    return qualities
  }

  /// Opens the labels of a collection, a code for every frame of the model.
  ///
  /// - Parameters:
  ///   - audio: The audio.
  ///   - data: The identity of the audio.
  ///   - earlier: The fingerprint of the labels of the run so far, which that of the result equals if no label
  ///     changed.
  /// - Throws: `LabelError` if they are missing, of another teacher or rate, or of changed audio.
  public func labels(
    of audio: any AudioSource, _ data: DataIdentity, since earlier: String? = nil
  ) throws -> Labels {
    guard !teachers.isEmpty else { return Labels() }
    let stores = try teachers.enumerated().map { number, setting in
      let store = try LabelStore(at: store(number).path)
      try store.check(setting.rate(for: recipe))
      try checkTeacher(of: store, number)
      try check(store, labels: audio, data)
      return store
    }
    return try labels(of: audio, in: stores, since: earlier)
  }

  /// Opens labels in stores, one of each teacher.
  func labels(
    of audio: any AudioSource, in stores: [LabelStore], since earlier: String? = nil
  ) throws -> Labels {
    let labels = try StoredLabels(stores, of: audio.files.map(\.path), frameHop: frameHop)
    let identity = try labels.identity(since: earlier)
    return Labels(
      crops: labels, codebooks: stores.flatMap(\.description.codebookSizes),
      fingerprint: identity.fingerprint, hashes: identity.hashes)
  }

  /// Checks that a store has labels of all files as they are.
  private func check(
    _ store: LabelStore, labels audio: any AudioSource, _ data: DataIdentity
  ) throws {
    let rate = store.description.rate
    for (entry, identity) in zip(audio.files, data.files) {
      try store.check(
        entry.path, frames: entry.samples / rate.hop, audioHash: identity.hash,
        tolerance: rate.tolerance(toHop: frameHop))
    }
  }

  /// A name for a folder that recipes with the same teachers share.
  public static func key(of recipe: Recipe) throws -> String {
    let teaching = Teaching(recipe, folder: URL(fileURLWithPath: "/"))
    var hash = ContentHash()
    // Teachers that are not fitted to the same files differ.
    if let validation = recipe.validation {
      hash.update(Data(validation.heldOutWords.utf8))
    }
    for (number, setting) in teaching.teachers.enumerated() {
      // Also where codes come from, which the identity leaves out.
      let identity = try teaching.identity(number).changes(from: type(of: setting).defaultIdentity)
      let rate = "\(try setting.rate(for: recipe))"
      let settings = try RecipeFile.changes(in: setting).filter { !Recipe.isOperational($0.path) }
        .map { "\($0.path)=\($0.value)" }
      for word in identity + [rate] + settings { hash.update(Data((word + "\n").utf8)) }
    }
    return String(hash.value, radix: 16)
  }

  /// Samples from one frame of the model to the next.
  var frameHop: Int { recipe.chosenEncoder.stride }

  /// What the labels of a teacher depend on: labels of another identity are refused.
  func identity(_ number: Int) throws -> String {
    try identity(teachers[number].identity(for: recipe))
  }

  /// That of a setting, with what all teachers depend on.
  private func identity(_ ofSetting: [String]) -> String {
    let resampler = recipe.data.resampler
    let ofAudio = resampler == .soxr ? [] : ["resampler=\(resampler.rawValue)"]
    return (ofSetting + ["seed=\(recipe.seed)"] + ofAudio).joined(separator: " ")
  }

  /// What the labels in the folder are like, as they were counted when they were made; nil if there are none, or an
  /// earlier version made them.
  ///
  /// - Throws: `FileError` or `DecodingError` if a file is there and cannot be read.
  public var qualities: [LabelQuality]? {
    get throws {
      let parts = try teachers.indices.compactMap { number in
        try Presence.content(of: quality(number)).map {
          try JSONDecoder().decode([LabelQuality].self, from: $0)
        }
      }
      return parts.isEmpty || parts.count < teachers.count ? nil : parts.flatMap(\.self)
    }
  }

  private func quality(_ number: Int) -> URL {
    folder.appendingPathComponent("labels-\(number).json")
  }

  func store(_ number: Int) -> URL { folder.appendingPathComponent("labels-\(number).h5") }

  func kept(_ number: Int) -> URL {
    folder.appendingPathComponent("teacher-\(number).safetensors")
  }
}

// MARK: - Whose labels a folder holds

extension Teaching {
  /// Checks, before any work, that no label store of another teacher would be replaced.
  /// - Throws: `RunError.otherLabels`; `FileError` or `LabelError` if a store cannot be read.
  func checkFolder() throws {
    for number in teachers.indices {
      guard let store = try storeThatIsThere(number) else { continue }
      guard try isOurs(store, number) else {
        throw RunError.otherLabels(
          store.path,
          reason: "holds the labels of another teacher, '\(store.description.teacher)' for "
            + "\(store.description.rate); choose another folder, or remove it")
      }
    }
    if let more = try storeThatIsThere(teachers.count) {
      throw RunError.otherLabels(
        more.path, reason: "is of a recipe with more teachers; choose another folder, or remove it")
    }
  }

  /// Checks that no label store of other audio would be replaced.
  /// - Throws: As above.
  func checkFolder(for data: DataIdentity) throws {
    for number in teachers.indices {
      guard let store = try storeThatIsThere(number) else { continue }
      let labelled = DataIdentity(labelled: store)
      guard let difference = data.fileDifferences(from: labelled) else { continue }
      throw RunError.otherLabels(
        store.path,
        reason: "holds the labels of other data: \(difference); choose another folder, or pass "
          + "--data-changed to replace them")
    }
  }

  private func storeThatIsThere(_ number: Int) throws -> LabelStore? {
    let path = store(number).path
    return try Presence.kind(of: path) == nil ? nil : LabelStore(at: path)
  }

  /// Whether a store has the labels of this teacher, as often as the recipe wants them.
  private func isOurs(_ store: LabelStore, _ number: Int) throws -> Bool {
    let isSameRate = try store.description.rate == teachers[number].rate(for: recipe)
    return try isSameRate && isOfTeacher(store, number)
  }

  private func checkTeacher(of store: LabelStore, _ number: Int) throws {
    if try !isOfTeacher(store, number) { try store.check(teacher: identity(number)) }
  }

  /// Words of settings at their defaults do not count.
  private func isOfTeacher(_ store: LabelStore, _ number: Int) throws -> Bool {
    let setting = teachers[number]
    let defaults = try type(of: setting).defaultIdentity
    let stored = store.description.teacher.changes(from: defaults)
    let own = [try setting.identity(for: recipe), try setting.formerIdentity(for: recipe)]
    return own.contains { identity($0).changes(from: defaults) == stored }
  }
}

extension DataIdentity {
  /// The audio that a store has labels of.
  fileprivate init(labelled store: LabelStore) {
    files = store.files.map { File(path: $0.name, samples: $0.samples, hash: $0.audioHash) }
  }
}

extension String {
  /// Its words but for those of `defaults`, sorted.
  fileprivate func changes(from defaults: [String]) -> [String] {
    split(separator: " ").map(String.init).filter { !defaults.contains($0) }.sorted()
  }
}

extension Tensor {
  /// The rows of an int32 `[rows, columns]`.
  var integerRows: [ArraySlice<Int32>] {
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
