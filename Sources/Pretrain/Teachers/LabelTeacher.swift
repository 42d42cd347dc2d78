import Audio
import Tensor

/// Who says which code every frame of a file has: clusters of features or of a model's hidden states,
/// or a quantiser whose codes were made elsewhere.
///
/// Such a teacher is asked once for each file, before training, and its labels are stored
/// (`LabelStore`). The two other teachers are none of these: a constant-Q transform and a moving
/// average of the model say numbers, not codes, and say them of the crops of a step, while it runs.
public protocol LabelTeacher: Sendable {
  /// How many codes each of its codebooks has. A codebook is a label set.
  var codebookSizes: [Int] { get }
  /// What is kept beside the labels, by name; empty if there is nothing to keep.
  var tensors: [String: Tensor] { get }
  /// What the file of `tensors` holds beside them, as text; nothing unless given.
  var metadata: [String: String] { get }
  /// Whether labelling that was interrupted may go on with the codes made before. They depend on the teacher's
  /// settings, its `tensors` and the audio alone. True unless given.
  var isRepeatable: Bool { get }
  /// The codes of one file of a collection, int32, `[codebooks, frames]`.
  /// - Throws: If the file cannot be read any more, or has no codes.
  func codes(of file: Int, in audio: any AudioSource) throws -> Tensor
}

extension LabelTeacher {
  /// Nothing.
  public var metadata: [String: String] { [:] }
  /// True.
  public var isRepeatable: Bool { true }
}
