import Tensor

extension VectorData {
  /// The best linear map of single layers and penalties, by the score on the validation part; of equal ones the first.
  ///
  /// It is fitted to all stretches of the training part, each with the truth of its item. Memory holds the vectors of one
  /// layer twice.
  /// - Throws: `MarbleError.layer`; `.diverged` if no map has a score.
  func bestLinear(
    of job: ProbingJob
  ) throws -> (probe: FittedProbe, choice: MarbleOutcome.Choice) {
    let training = parts[.train]!
    let misfit = Truth.misfit(training.truthOfStretches, outputs: outputs)
    let choices = try job.grid.singleLayers(of: layers)
    var best: (probe: FittedProbe, choice: MarbleOutcome.Choice)?
    for (number, layer) in choices.enumerated() {
      let features = try training.vectors(of: 0..<training.count, layers: [layer])[0]
      let path = LinearProbe.path(
        fittedTo: features, outputs: outputs, job.grid.regression, misfit: misfit)
      for probe in path {
        let fitted = FittedProbe(layers: [layer]) { probe($0[0]) }
        let score = scoring.best(try fitted.outputs(for: parts[.valid]!)).score
        guard score.isFinite, score > best?.choice.score ?? -.infinity else { continue }
        best = (
          fitted, MarbleOutcome.Choice(layer: .layer(layer), penalty: probe.penalty, score: score)
        )
      }
      job.watch(.probing(job.task.name, model: job.embedder.name, number + 1, of: choices.count))
    }
    guard let best else {
      throw MarbleError.diverged(task: job.task.name, model: job.embedder.name)
    }
    return best
  }
}
