import Audio
import Files
import Foundation
import HDF5
import Pretrain
import Settings
import Tensor

/// Files that are validated on: their audio, labels and identity.
struct HeldOutMaterial {
  let audio: any AudioSource
  let labels: Teaching.Labels
  let data: DataIdentity
}

extension Teaching {
  /// The labels of held-out files by the teachers that labelled the collection, in stores `labels-validation-<n>.h5`
  /// beside theirs. Nothing is fitted. A store is made anew if it is missing, or of another fit or other files.
  ///
  /// - Parameters:
  ///   - audio: The held-out audio.
  ///   - data: The identity of that audio.
  ///   - training: The identity of the audio that is trained on.
  ///   - manifest: All files of the collection.
  ///   - progress: Called with how many files of how many are labelled.
  /// - Throws: `RunError.otherLabels` if the teachers may have been fitted to held-out files; `FileError` if what a teacher
  ///   keeps is missing or damaged; what a teacher throws for a file.
  func heldOutLabels(
    of audio: any AudioSource, _ data: DataIdentity, besides training: DataIdentity,
    from manifest: Manifest, progress: ProgressHandler
  ) throws -> Labels {
    guard !teachers.isEmpty else { return Labels() }
    let stores = try teachers.indices.map { number in
      try checkFit(of: number, against: data, besides: training)
      let wanted = try description(ofHeldOut: number)
      if let store = try heldOutStore(number, of: audio, data, as: wanted) { return store }
      try AtomicFile.removeUnfinished([heldOutFile(number).lastPathComponent], in: folder)
      let setting = teachers[number]
      let teacher = try setting.teacher(
        keptIn: kept(number),
        for: TeachingContext(
          recipe: recipe, audio: audio, manifest: manifest,
          seed: UInt64(recipe.seed) &+ UInt64(number), stages: stages, progress: nil))
      try Labelling(
        of: audio, hashes: data.files.map(\.hash), by: teacher, description: wanted,
        tolerance: wanted.rate.tolerance(toHop: frameHop)
      ).write(to: heldOutFile(number).path, progress: progress) { _, _ in }
      return try LabelStore(at: heldOutFile(number).path)
    }
    return try labels(of: audio, in: stores)
  }

  /// Whether labels of held-out files are there, as `heldOutLabels` would make them: to read them needs no lock.
  func hasHeldOutLabels(of audio: any AudioSource, _ data: DataIdentity) throws -> Bool {
    try isDone
      && teachers.indices.allSatisfy {
        try heldOutStore($0, of: audio, data, as: description(ofHeldOut: $0)) != nil
      }
  }

  /// Whether all labels that a training needs are there, those of held-out files among them.
  /// - Throws: `FileError` if a file cannot be looked at.
  package var isDoneForTraining: Bool {
    get throws {
      guard try isDone else { return false }
      return try recipe.validation == nil
        || teachers.indices.allSatisfy { try Presence.kind(of: heldOutFile($0).path) != nil }
    }
  }

  private func heldOutFile(_ number: Int) -> URL {
    folder.appendingPathComponent("labels-validation-\(number).h5")
  }

  /// What a store of held-out labels says of itself: beside the teacher's settings what it was fitted to.
  private func description(ofHeldOut number: Int) throws -> LabelStore.Description {
    let setting = teachers[number]
    let fit =
      setting.isFitted
      ? " fit=\(String(try ContentHash.ofFile(at: kept(number).path), radix: 16))" : ""
    return LabelStore.Description(
      teacher: try identity(number) + fit, rate: try setting.rate(for: recipe),
      codebookSizes: setting.codebookSizes, creator: "etude \(etudeVersion)")
  }

  /// The store that is there, if it is whole, of the same teacher, and has these files as they are.
  private func heldOutStore(
    _ number: Int, of audio: any AudioSource, _ data: DataIdentity,
    as wanted: LabelStore.Description
  ) throws -> LabelStore? {
    let path = heldOutFile(number).path
    guard try Presence.kind(of: path) != nil, let store = try? LabelStore(at: path),
      store.description.teacher == wanted.teacher, store.description.rate == wanted.rate
    else { return nil }
    let known = Dictionary(store.files.map { ($0.name, $0.audioHash) }) { first, _ in first }
    let isWhole = zip(audio.files, data.files).allSatisfy { known[$0.path] == $1.hash }
    return isWhole ? store : nil
  }

  /// Labels of a held-out file mean that the teacher was fitted to a collection that had it, unless a copy of the file
  /// is trained on.
  private func checkFit(
    of number: Int, against data: DataIdentity, besides training: DataIdentity
  ) throws {
    guard teachers[number].isFitted else { return }
    let labelled = Set(try LabelStore(at: store(number).path).files.map(\.audioHash))
      .subtracting(training.files.map(\.hash))
    guard let file = data.files.first(where: { labelled.contains($0.hash) }) else { return }
    throw RunError.otherLabels(
      store(number).path,
      reason:
        "holds labels of the held-out file \(file.path), so that its teacher may be fitted to it; "
        + "let the labels be made in another folder")
  }
}
