import Models
import Tensor

extension VectorProbing {
  /// The score of a model that is trained along with its head, of the grid's choices one after the other: without
  /// `--layers` the last layer, without `--rates` one rate.
  /// - Throws: `MarbleError`; `AudioError` if a file cannot be read any more; `FileError` if the model cannot be kept.
  func tuned(
    _ job: ProbingJob, _ tuning: FineTuning, _ encoder: any Encoder
  ) throws -> MarbleOutcome {
    let (parts, leftOut) = try StretchAudio.parts(of: job.dataset, excerpts, for: job.embedder)
    for split in Split.allCases where parts[split]!.count == 0 {
      throw job.emptyPart(split, leftOut: leftOut)
    }
    let truth = try checkedTruth(parts.mapValues(\.truth), of: job)
    let (run, model, chosen) = try best(of: job, tuning, encoder, parts)
    var choice = chosen
    let valid = try run.outputs(of: model, for: parts[.valid]!)
    choice.aggregation = run.scoring.best(valid).aggregation
    let outputs = try run.outputs(of: model, for: parts[.test]!)
    try job.keep(model)
    let files = run.scoring.files(of: parts[.test]!.lengths)
    return job.outcome(
      run.scoring.values(outputs, choice.aggregation, of: files), choice,
      counts: parts.mapValues(\.count), leftOut: leftOut, remarks: truth.remarks)
  }

  private typealias Tuned = (run: FineTuningRun, model: FineTuned, choice: MarbleOutcome.Choice)

  /// The best on the validation part, of equal ones the first.
  private func best(
    of job: ProbingJob, _ tuning: FineTuning, _ encoder: any Encoder,
    _ parts: [Split: StretchAudio]
  ) throws -> Tuned {
    var best: Tuned?
    let choices = try job.grid.tuningChoices(layers: job.embedder.layers, tuning)
    for (number, (layer, rate)) in choices.enumerated() {
      let run = FineTuningRun(
        config: job.grid.config(schedule), tuning: tuning, layer: layer, rate: rate,
        encoder: encoder, precision: job.embedder.precision, parts: parts,
        scoring: scoring(of: job),
        file: job.trainingFile(number + 1),
        watch: { job.watch(.epoch(job.task.name, model: job.embedder.name, $0, score: $1)) })
      let trained = try run.run()
      guard let model = trained.weights, trained.score > best?.choice.score ?? -.infinity else {
        continue
      }
      let choice = MarbleOutcome.Choice(
        layer: layer, rate: rate, epoch: trained.number, score: trained.score)
      best = (run, model, choice)
    }
    guard let best else {
      throw MarbleError.diverged(task: job.task.name, model: job.embedder.name)
    }
    return best
  }
}

extension ProbeGrid {
  /// The choices of a fine-tuning, for a model with so many hidden states.
  /// - Throws: `MarbleError.layer` if a chosen layer is not one of them; `.nothingToTrain` if it is one that the training
  ///   leaves as it is, so that a frozen model would be scored.
  func tuningChoices(
    layers count: Int, _ tuning: FineTuning
  ) throws(MarbleError) -> [(layer: LayerChoice, rate: Float)] {
    var grid = self
    if layers == nil { grid.layers = [.layer(count - 1)] }
    if rates == nil { grid.rates = [tuning.rate] }
    let (first, choices) = (try tuning.firstChanged(of: count), try grid.choices(layers: count))
    for (layer, _) in choices where layer.layers(of: count).allSatisfy({ $0 < first }) {
      throw .nothingToTrain(tuning, seeing: layer)
    }
    return choices
  }
}
