import Models
import Settings
import Tensor

/// data2vec's teacher: a slowly moving average of the student's transformer. Its input is the
/// student's, unmasked. Front end and projection are the student's own, and unless
/// `averagesPositions` the positional convolution too.
///
/// Follows once in an update, however many batches that has; fairseq's version 1 follows once for each.
///
/// Source: Baevski et al. 2022, 3.2; fairseq `data2vec_audio.py` with `ema_transformer_only`.
public struct EMATeacher: Sendable {
  /// The numbers of a recipe's `teacher.ema`; data2vec base's.
  public struct Config: Configuration {
    /// How slowly the average follows the model.
    public var decay = EMASchedule.Config()
    /// How targets are computed from the layers of the average.
    public var targets = EMATargets.Config()
    /// Whether the positional convolution is averaged, too; the opposite of fairseq's `ema_layers_only`.
    public var averagesPositions = false
    /// When a run is stopped because targets or predictions no longer vary.
    public var collapse = EMACollapse.Config()
    /// data2vec base's numbers.
    public init() {}
  }

  private let schedule: EMASchedule
  private let averaging: EMATargets
  /// What is averaged.
  private let averaged: Set<ModulePart>
  /// Stops a run whose targets or predictions no longer vary.
  public let collapse: EMACollapse
  /// The averaged copy.
  public private(set) var encoder: any Encoder

  /// A teacher that begins as a copy of the student.
  /// - Throws: `EMAError` if the numbers do not fit the student.
  public init(_ config: Config, student: any Encoder) throws {
    schedule = try EMASchedule(config.decay)
    averaging = try EMATargets(config.targets, layers: student.config.layers)
    averaged = config.averagesPositions ? [.transformer, .positions] : [.transformer]
    collapse = EMACollapse(config.collapse)
    encoder = student.detached()
  }

  /// Moves towards the student, which has made `step` updates.
  /// - Traps when: the student is of another type than that of `init`.
  public mutating func follow(_ student: any Encoder, step: Int) {
    Self.move(&encoder, towards: student, averaged, decay: schedule.decay(at: step))
  }

  private static func move<Student: Encoder>(
    _ teacher: inout Student, towards student: any Encoder, _ averaged: Set<ModulePart>,
    decay: Double
  ) {
    guard let student = student as? Student else {
      preconditionFailure("EMATeacher: a \(Student.self) cannot follow a \(type(of: student))")
    }
    teacher.update(with: student) { place, mine, theirs in
      if let part = place.part, averaged.contains(part) {
        mine.follow(theirs, decay: decay)
      } else {
        mine = theirs.detached()
      }
    }
  }

  /// The targets for frames that the student's front end made.
  ///
  /// - Parameter projected: `[B, T, D]`, before dropout and masking.
  /// - Returns: `[B, T, D]`, without history.
  public func targets(for projected: Tensor) -> Tensor {
    let pass = ForwardPass.evaluating(keeping: .feedForwardOutputs)
    _ = encoder.contextualise(projected.detached(), masked: nil, in: pass)
    return averaging(pass.feedForwardOutputs)
  }

  /// The averaged copy by path, to be kept with a checkpoint.
  public var state: [String: Tensor] {
    Dictionary(uniqueKeysWithValues: encoder.state.map { ($0.path, $0.tensor) })
  }

  /// Goes on from a kept copy.
  /// - Throws: `ModelError.tensors` if they are not those of this teacher.
  public mutating func restore(_ state: [String: Tensor]) throws { try encoder.load(state) }
}
