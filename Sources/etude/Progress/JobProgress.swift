import Audio
import Files
import Foundation
import Pretrain
import Tensor
import Train

/// Shows what a training job does, on standard error.
final class JobProgress {
  private var decoding = ProgressLine("decode")
  private var checking = ProgressLine("check")
  private var fitting = ProgressLine("fit")
  private var teaching = ProgressLine("teach")
  private var training: ProgressLine?
  private var share: PeakShare?
  /// The last line of the log in a few words.
  private var summary = ""
  private let name: String
  /// That of a stage while it runs.
  private var current: String

  init(_ name: String = "pretrain") { (self.name, current) = (name, name) }

  /// One event of a job.
  func show(_ event: TrainingEvent) {
    switch event {
    case .decoding(let done, let total): decoding.show(done, of: total)
    case .stage(let stage, let recipe):
      note("\(stage) is trained first: a stage of \(recipe)")
      current = stage
    case .checking(let done, let total): checking.show(done, of: total)
    case .remark(let text): note(text)
    case .skipped(let file): note(file.description)
    case .warning(let text): note("warning: \(text)")
    case .fitting(let done, let total): fitting.show(done, of: total)
    case .teaching(let done, let total): teaching.show(done, of: total)
    case .taught(let labels): note(labels.summary)
    case .planned(let operations, let precision): share = PeakShare(operations, precision)
    case .started(let parameters, let step):
      let millions = String(format: "%.2f", Double(parameters) / 1e6)
      note("\(current): \(millions) M parameters" + (step > 0 ? ", goes on from step \(step)" : ""))
      (training, summary) = (ProgressLine(current, goingOnFrom: step), "")
      (decoding, checking) = (ProgressLine("decode"), ProgressLine("check"))
      (fitting, teaching) = (ProgressLine("fit"), ProgressLine("teach"))
      current = name
    case .step(let record, _): summary = words(of: record)
    case .advanced(let step, let total): training?.show(step, of: total, note: summary)
    case .validated(let record): note("step \(record.step): \(record.summary)")
    case .probed(let record): note("step \(record.step): \(record.summary)")
    }
  }

  private func words(of record: StepRecord) -> String {
    let share = share?.share(secondsPerStep: record.secondsPerStep)
    let percent = share.map { String(format: ", %.0f %% of peak", 100 * $0) } ?? ""
    return record.summary + percent
  }
}

extension LabelQuality {
  /// The use of the codes in a line.
  var summary: String {
    let set = codebook == 0 ? store : "\(store), codebook \(codebook)"
    return "\(set): \(used) of \(codes) codes in use, "
      + String(format: "entropy %.2f nats, perplexity %.0f", entropy, perplexity)
  }
}

extension ValidationRecord {
  /// The loss, and the accuracies if there are any.
  fileprivate var summary: String {
    let accuracies = validation.terms.filter { $0.key.hasPrefix("accuracy.") }
      .sorted { $0.key < $1.key }.map { String(format: ", %@ %.3f", $0.key, $0.value) }
    return String(format: "held-out loss %.4f", validation.loss) + accuracies.joined()
  }
}

extension ProbeRecord {
  /// The score of each task.
  fileprivate var summary: String {
    "probe "
      + probe.sorted { $0.key < $1.key }
      .map { String(format: "%@ %.3f", $0.key, $0.value) }.joined(separator: ", ")
  }
}

extension StepRecord {
  /// Loss and speed in a few words.
  fileprivate var summary: String {
    String(
      format: "loss %.3f, %.0f ms/step, %.0f s of audio/s", loss, secondsPerStep * 1000,
      audioSecondsPerSecond)
  }
}
