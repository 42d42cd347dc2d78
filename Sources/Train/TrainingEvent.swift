import Audio
import Pretrain
import Tensor

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
  /// What a step is going to take: the operations of its products, and their precision.
  case planned(operations: Double, Precision)
  /// Training begins: parameters, the step it goes on from.
  case started(parameters: Int, step: Int)
  /// A line of the log, before the event of its step; of how many steps.
  case step(StepRecord, of: Int)
  /// The loss of held-out crops.
  case validated(ValidationRecord)
  /// The scores of a probe.
  case probed(ProbeRecord)
  /// Steps made, of how many.
  case advanced(Int, of: Int)
}
