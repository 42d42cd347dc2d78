import Audio
import Files
import Foundation
import Settings

extension Recipe.Validation {
  /// The files that are trained on and those that are held out.
  ///
  /// With a `share` a file is held out if the hash of its path, as a part of all hashes, is below the share. The hash is
  /// `ContentHash` of the path's UTF-8. So a file is on the same side in every run and whatever other files there are.
  ///
  /// - Throws: `FileError` if either list is empty; `AudioError` if the manifest cannot be read.
  func split(_ data: Manifest.Scan) throws -> (training: Manifest.Scan, heldOut: Manifest.Scan) {
    guard let manifest else { return try split(data) { $0.path.isHeldOut(share: share ?? 0) } }
    let heldOut = try Manifest.open(manifest.path)
    let paths = Set(heldOut.manifest.entries.map(heldOut.manifest.standardPath))
    let (training, _) = data.parted { paths.contains(data.manifest.standardPath(of: $0)) }
    return (try training.checked("every file is held out by validation.manifest"), heldOut)
  }

  private func split(
    _ data: Manifest.Scan, _ isHeldOut: (Manifest.Entry) -> Bool
  ) throws -> (training: Manifest.Scan, heldOut: Manifest.Scan) {
    let (training, heldOut) = data.parted(isHeldOut)
    let files = "of \(data.manifest.entries.count) files"
    return (
      try training.checked("every one \(files) is held out; lower validation.share"),
      try heldOut.checked(
        "none \(files) is held out; raise validation.share, or name files in validation.manifest")
    )
  }
}

extension Recipe.Validation {
  /// What is held out, in words.
  var heldOutWords: String {
    share.map { "validation.share=\($0)\n" } ?? "validation.manifest=\(manifest?.path ?? "")\n"
  }
}

extension TrainingRecipe {
  /// The files of a collection that are trained on.
  /// - Throws: As `Validation.split`.
  public func trainingFiles(of data: Manifest.Scan) throws -> Manifest.Scan {
    try split(data).training
  }

  /// The files that are trained on and those that are held out; nil without validation.
  func split(_ data: Manifest.Scan) throws -> (training: Manifest.Scan, heldOut: Manifest.Scan?) {
    guard let parts = try validation?.split(data) else { return (data, nil) }
    return (parts.training, parts.heldOut)
  }
}

extension Manifest {
  /// Where a file lies, in one spelling.
  fileprivate func standardPath(of entry: Entry) -> String {
    URL(fileURLWithPath: path(of: entry)).standardizedFileURL.path
  }
}

extension Manifest.Scan {
  /// This without the files for which `isLeftOut`, and with these alone.
  fileprivate func parted(
    _ isLeftOut: (Manifest.Entry) -> Bool
  ) -> (kept: Manifest.Scan, leftOut: Manifest.Scan) {
    var (kept, leftOut) = (self, self)
    kept.manifest.entries = manifest.entries.filter { !isLeftOut($0) }
    leftOut.manifest.entries = manifest.entries.filter(isLeftOut)
    leftOut.skipped = []
    return (kept, leftOut)
  }

  fileprivate func checked(_ reason: String) throws -> Manifest.Scan {
    guard manifest.entries.isEmpty else { return self }
    throw FileError.unsuitable(path: manifest.root, reason: reason)
  }
}

extension String {
  /// Whether the file of this path belongs to a share of all files.
  func isHeldOut(share: Double) -> Bool {
    var hash = ContentHash()
    hash.update(Data(utf8))
    return Double(hash.value) / 0x1p64 < share
  }
}
