import Audio
import Foundation
import Models
import Tensor

/// What a trainer trains: parameters, the loss of a batch, and what moves beside the gradient.
///
/// A trainer draws nothing by itself: whatever is random in a loss depends on the pass, which has seed, step and
/// the numbers of the samples. So a step is a function of the learner's state and its number.
public protocol Learner: Module {
  /// What one pass learns from.
  associatedtype Batch: Sendable

  /// How much the samples of a batch weigh in the update that it belongs to: how many predictions they ask for.
  /// It is known before their audio is read.
  ///
  /// - Parameters:
  ///   - samples: The global numbers of the batch's rows.
  ///   - step: The step, from 0.
  /// - Throws: If the samples do not suit the recipe.
  func weight(of samples: Range<Int>, step: Int) throws -> Int

  /// The loss of a batch.
  ///
  /// - Parameters:
  ///   - batch: What to learn from.
  ///   - pass: Seed, step and samples, which decide all that is random.
  /// - Throws: If training has gone wrong, as when a teacher has collapsed.
  func loss(of batch: Batch, in pass: ForwardPass) throws -> Loss

  /// The loss of a held-out batch, which is the same each time for the same parameters: nothing is dropped, and whatever
  /// is drawn depends on the samples alone.
  ///
  /// - Parameters:
  ///   - batch: Crops that are not trained on.
  ///   - samples: The numbers of its rows among the held-out crops.
  ///   - step: Updates made so far.
  ///   - precision: What it computes in.
  /// - Returns: The loss, and how much it weighs beside that of other batches.
  /// - Throws: If the batch does not suit the recipe.
  func heldOutLoss(
    of batch: Batch, samples: Range<Int>, step: Int, precision: Precision
  ) throws -> (loss: Loss, weight: Int)

  /// The encoder that probes judge while it is trained; nil of a learner without one.
  var probedEncoder: (any Encoder)? { get }

  /// Moves what follows the parameters, such as an averaged teacher or a codebook, after an update.
  ///
  /// - Parameters:
  ///   - step: Updates made so far, this one included.
  ///   - observations: Those of the losses of the update's batches, in order. Empty if the update was left out because
  ///     something in it was not finite: nothing that a loss observed then is sound.
  mutating func follow(step: Int, observing observations: [[String: Tensor]])

  /// State that moves beside the gradient, by the name of the file that keeps it: `teacher` is kept as
  /// `teacher.safetensors`. All that is neither a parameter nor a buffer.
  var companions: [String: [String: Tensor]] { get }

  /// Those that checkpoints of earlier versions lack; without them they begin anew.
  var laterCompanions: Set<String> { get }

  /// Goes on from kept companions.
  /// - Throws: If they are not this learner's.
  mutating func restore(companions: [String: [String: Tensor]]) throws

  /// Writes what others open, and the rest of the parameters beside it, into the folder of a checkpoint.
  /// - Throws: `FileError` if it cannot be written.
  func publish(to folder: URL) throws

  /// Goes on from what `publish` wrote.
  /// - Throws: If a file is missing, damaged, or another model's.
  mutating func restore(from folder: URL) throws

  /// Writes what people can judge its work by, such as reconstructions to listen to. A run calls it after each
  /// checkpoint.
  ///
  /// - Parameters:
  ///   - audio: The audio of the run.
  ///   - folder: Where to write; a folder of its own for each step, which is not there yet.
  /// - Throws: `FileError` if it cannot be written, or what keeps the audio from being read.
  func writeSamples(of audio: any AudioSource, to folder: URL) throws
}

extension Learner {
  /// That of training in a pass without dropout, every sample weighing the same.
  public func heldOutLoss(
    of batch: Batch, samples: Range<Int>, step: Int, precision: Precision
  ) throws -> (loss: Loss, weight: Int) {
    (try loss(of: batch, in: .evaluating(precision: precision)), samples.count)
  }
  /// There is none.
  public var probedEncoder: (any Encoder)? { nil }
  /// Nothing follows the parameters.
  public mutating func follow(step: Int, observing observations: [[String: Tensor]]) {}
  /// There are none.
  public var companions: [String: [String: Tensor]] { [:] }
  /// There are none.
  public var laterCompanions: Set<String> { [] }
  /// There are none.
  public mutating func restore(companions: [String: [String: Tensor]]) throws {}
  /// Writes nothing.
  public func writeSamples(of audio: any AudioSource, to folder: URL) throws {}
}
