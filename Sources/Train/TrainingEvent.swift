import Audio
import Pretrain

/// An event of a training job.
public enum TrainingEvent: Sendable {
  /// Files decoded, of how many.
  case decoding(Int, of: Int)
  /// An earlier stage of this name is trained first, for the named recipe.
  case stage(String, for: String)
  /// Files compared with those of before, of how many.
  case checking(Int, of: Int)
  /// A file that is left out, and why.
  case skipped(Manifest.Skipped)
  /// Something that a user should know, in a line.
  case remark(String)
  /// Something that may make the result worthless, in a sentence.
  case warning(String)
  /// Files read to fit a teacher and steps of its training, of how many.
  case fitting(Int, of: Int)
  /// Files labelled, of how many.
  case teaching(Int, of: Int)
  /// What a label set is like.
  case taught(LabelQuality)
  /// Training begins: parameters, the step it goes on from.
  case started(parameters: Int, step: Int)
  /// A logged step, of how many.
  case step(StepRecord, of: Int)
  /// The loss of held-out crops.
  case validated(ValidationRecord)
  /// The scores of a probe.
  case probed(ProbeRecord)
}
