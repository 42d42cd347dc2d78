import Settings
import Tensor

/// What can be wrong with labels. The description of each case is one line with the remedy.
public enum LabelError: Error, Equatable, CustomStringConvertible {
  /// There is no such store.
  case missing(path: String)
  /// The file is no label store, or a broken one.
  case damaged(path: String, reason: String)
  /// The store was written by another version of the format.
  case wrongVersion(path: String, found: Int)
  /// The store was made for another sample rate or hop.
  case wrongRate(path: String, stored: LabelRate, wanted: LabelRate)
  /// The store comes from another teacher.
  case wrongTeacher(path: String, stored: String, wanted: String)
  /// The store holds no labels of this file.
  case unknownFile(path: String, file: String)
  /// The audio changed after it was labelled.
  case changedAudio(path: String, file: String)
  /// Labels and audio differ by more than one frame.
  case wrongLength(path: String, file: String, labels: Int, frames: Int)
  /// A code lies outside of its codebook.
  case codeOutOfRange(path: String, file: String, codebook: Int, code: Int32, size: Int)
  /// No labels at all: for one file, or in the whole store when `file` is `nil`.
  case empty(path: String, file: String?)
  /// Every label is the same: the teacher has collapsed.
  case constant(path: String, detail: String)
  /// The same file was labelled twice.
  case duplicate(path: String, file: String)

  /// One line with the store, the file and the remedy.
  public var description: String { text.asOneLine }

  private var text: String {
    switch self {
    case .missing(let path): "\(path): no such label store; make it with 'etude teach'"
    case .damaged(let path, let reason):
      "\(path): \(reason); make the labels again with 'etude teach'"
    case .wrongVersion(let path, let found):
      "\(path): label format \(found), this Etude reads \(LabelStore.version); "
        + "make the labels again with 'etude teach'"
    case .wrongRate(let path, let stored, let wanted):
      "\(path): labels are for \(stored), the recipe wants \(wanted); "
        + "make labels in another folder with 'etude teach' and this recipe"
    case .wrongTeacher(let path, let stored, let wanted):
      "\(path): labels come from the teacher '\(stored)', the recipe wants '\(wanted)'; "
        + "make labels in another folder with 'etude teach' and this recipe"
    case .unknownFile(let path, let file):
      "\(path): no labels for '\(file)'; label the data again with 'etude teach --data-changed', or take "
        + "it out of the manifest"
    case .changedAudio(let path, let file):
      "\(path): '\(file)' changed after it was labelled; make the labels again with "
        + "'etude teach --data-changed'"
    case .wrongLength(let path, let file, let labels, let frames):
      "\(path): '\(file)' has \(labels) labels for \(frames) frames of audio; "
        + "make the labels again with 'etude teach'"
    case .codeOutOfRange(let path, let file, let codebook, let code, let size):
      "\(path): '\(file)' has code \(code) in codebook \(codebook), which has 0 to \(size - 1); "
        + "make the labels again with 'etude teach'"
    case .empty(let path, let file?):
      "\(path): no labels came out for '\(file)'; it is too short, take it out of the manifest"
    case .empty(let path, nil):
      "\(path): not one file was labelled; is the manifest empty?"
    case .constant(let path, let detail):
      "\(path): \(detail), so the teacher has collapsed; "
        + "fit it on more audio or with fewer clusters"
    case .duplicate(let path, let file):
      "\(path): '\(file)' was labelled twice; the manifest names it twice"
    }
  }
}
