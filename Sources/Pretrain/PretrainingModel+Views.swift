import Models
import Tensor

extension PretrainingModel {
  /// The loss of several masks of each crop: the front end runs once, the teacher once on the clean crops, and the
  /// layers once for each mask, without the masked frames.
  ///
  /// - Parameters:
  ///   - batch: Clean crops.
  ///   - mixed: What the student gets in place of the clean crops, `[B, L]`.
  ///   - views: The masks of the crops.
  ///   - teacher: The averaged teacher.
  ///   - pass: The pass: what is random and what it keeps.
  /// - Throws: `EMAError.collapsed` if there is nothing left to learn from the teacher.
  /// - Traps when: the objective has a head that is not the teacher's, or the encoder cannot leave frames out.
  ///
  /// Source: Baevski et al. 2023 (data2vec 2.0), 3; fairseq `data2vec2.py`. Here frames are placed by convolutions
  /// alone, without the ALiBi bias of attention.
  public func loss(
    _ batch: Batch, hearing mixed: Tensor? = nil, of views: MaskedViews, teacher: EMATeacher,
    in pass: ForwardPass
  ) throws -> Loss {
    precondition(
      heads.allSatisfy(\.isTaught), "loss: frames are left out, so a teacher alone can be predicted"
    )
    let features = encoder.features(mixed ?? batch.audio, precision: pass.precision)
    let outputs = keptFrames(of: encoder.project(features, in: pass), views, in: pass)

    let clean = mixed == nil ? features.detached() : cleanFeatures(of: batch, in: pass)
    let taught = TaughtFrames(
      features: targets(of: teacher, for: clean, at: views.crops), views: views,
      collapse: teacher.collapse, step: pass.step)
    var loss = penalty(on: features)
    try add(
      heads, outputs,
      FrameTargets(batch, at: views.crops, of: views.masked.frames, taught: taught, in: pass),
      to: &loss)
    return loss
  }

  /// The encoder's output at the frames that the views keep, as the decoder gets it, `[views · kept, D]`.
  private func keptFrames(
    of projected: Tensor, _ views: MaskedViews, in pass: ForwardPass
  ) -> Tensor {
    guard let encoder = encoder as? any FrameDroppingEncoder else {
      preconditionFailure("loss: a \(type(of: encoder)) cannot leave frames out")
    }
    let pass = pass.repeated(views.each)
    let kept = encoder.contextualise(projected, keeping: views.kept, in: pass)
    let probability = objective.regression?.decoder?.inputDropout ?? 0
    return pass.dropout(kept, probability: probability).rows.cast(to: .float32)
  }
}
