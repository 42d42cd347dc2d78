import Models
import Tensor

extension VectorData {
  /// The best perceptron of the grid.
  /// - Throws: `MarbleError.diverged`.
  func bestPerceptron(
    of job: ProbingJob, _ schedule: ProbeSchedule, _ fixed: FixedTraining?
  ) throws -> (probe: FittedProbe, choice: MarbleOutcome.Choice) {
    let config = job.grid.config(schedule, fixed)
    let (probe, choice) = try job.best(layers: layers, fixed) { layer, rate in
      let joins = layer == .joined
      let layers = layer.layers(of: layers)
      let training = PerceptronTraining(
        config: config, layers: layers, joins: joins, rate: rate, train: parts[.train]!,
        score: {
          scoring.best(try Self.fitted($0, layers).outputs(for: parts[.valid]!)).score
        })
      return try training.run(width: width, outputs: outputs)
    }
    return (Self.fitted(probe, choice.layer.layers(of: layers)), choice)
  }

  private static func fitted(_ probe: Perceptron, _ layers: [Int]) -> FittedProbe {
    FittedProbe(layers: layers) { probe($0, in: .evaluating()) }
  }
}
