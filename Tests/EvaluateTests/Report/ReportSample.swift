import Audio
import Evaluate
import Foundation
import Settings
import Testing
import Train

/// Made-up numbers in the shape of a real comparison.
enum ReportSample {
  static let names = ["musichubert-nano", "music2vec-nano", "mert-nano"]

  static var report: ComparisonReport {
    ComparisonReport(
      title: "Three ways to learn music from 20 minutes of it",
      date: Date(timeIntervalSince1970: 1_763_811_000),
      machine: .init(cpu: "Imaginary CPU 9000", cores: 2, etudeVersion: "0.1.0"),
      commands: [
        "etude synth --out corpus --minutes 20 --seed 1",
        "etude compare recipes/nano/musichubert-nano.yaml recipes/nano/music2vec-nano.yaml "
          + "recipes/nano/mert-nano.yaml --data corpus --out runs/quickstart",
      ],
      seconds: 754, runs: names.map(run), probes: probes,
      method: ["Each probe is a logistic regression on features averaged over time, 3 seeds."])
  }

  /// A report without runs and probes.
  static var bare: ComparisonReport {
    ComparisonReport(
      title: "Nothing yet", date: Date(timeIntervalSince1970: 0),
      machine: .init(cpu: "none", cores: 1, etudeVersion: "0"), commands: [], seconds: 0,
      runs: [], probes: [])
  }

  static func run(_ name: String) -> RunSummary {
    let log = stride(from: 10, through: 700, by: 10).map { point(name, step: $0) }
    return RunSummary(
      name: name, recipe: recipe(name), log: log, parameters: 2_140_000, steps: 700, seconds: 214,
      skipped: [
        .init(path: "corpus/empty.wav", reason: "holds no samples"),
        .init(path: "corpus/notes.wav", reason: "not a sound file that libsndfile knows"),
      ],
      trainings: (1...3).map { .init(seed: $0, steps: 700, seconds: 71) })
  }

  /// A falling loss with a ripple that stands for the batches' noise.
  private static func point(_ name: String, step: Int) -> StepRecord {
    let x = Double(step)
    let codes = 3.4 + 1.9 * exp(-x / 180) + 0.09 * sin(x * 1.7) + 0.05 * cos(x * 0.61)
    let penalty = 0.02 + 0.3 * exp(-x / 60)
    let cqt = 0.8 + 0.9 * exp(-x / 300) + 0.04 * sin(x * 2.3)
    let terms =
      name == "music2vec-nano"
      ? ["regression": codes / 9]
      : name == "mert-nano"
        ? ["codes": codes, "penalty": penalty, "cqt": cqt] : ["codes": codes, "penalty": penalty]
    return StepRecord(
      step: step, loss: Float(terms.values.reduce(0, +)), terms: terms.mapValues(Float.init),
      learningRate: 1e-3,
      gradientNorm: 1, secondsPerStep: 0.31 + 0.01 * sin(x), audioSecondsPerSecond: 154)
  }

  private static func recipe(_ name: String) -> [RunSummary.Setting] {
    let objective: [(String, String)] =
      switch name {
      case "music2vec-nano":
        [
          ("objective.kind", "regression"), ("teacher.ema.decay", "0.999"),
          ("mask.spanFrames", "10"),
        ]
      case "mert-nano":
        [
          ("objective.kind", "codes+cqt"), ("teacher.kmeans.clusters", "200"),
          ("teacher.cqt.weight", "1.0"), ("mask.spanFrames", "5"), ("noise.probability", "0.5"),
        ]
      default:
        [
          ("objective.kind", "codes"), ("teacher.kmeans.clusters", "200"),
          ("teacher.kmeans.features", "mfcc39"), ("mask.spanFrames", "10"),
        ]
      }
    let common = [
      ("data.sampleRate", "24000"), ("encoder.width", "192"), ("encoder.layers", "4"),
      ("encoder.heads", "4"), ("optimizer.learningRate", "0.002"), ("schedule.steps", "700"),
    ]
    return (objective + common).map { RunSummary.Setting(path: $0.0, value: $0.1) }
  }

  private static var probes: [ProbeResult] {
    let chances = ["instrument": 0.125, "key": 1.0 / 24, "pitch": 1.0 / 48]
    let trained = [
      "musichubert-nano": [0.71, 0.29, 0.43], "music2vec-nano": [0.53, 0.36, 0.41],
      "mert-nano": [0.78, 0.47, 0.55],
    ]
    let random = [0.50, 0.31, 0.466]
    let spread = [0.008, 0.012, 0.01]
    return ["instrument", "key", "pitch"].enumerated().flatMap { index, task in
      let chance = chances[task]!
      func seeds(_ mean: Double) -> [Double] {
        [mean - spread[index], mean, mean + 0.9 * spread[index]]
      }
      let models = names.flatMap { name in
        [
          ProbeResult(
            model: name, kind: .pretrained, task: task, metric: .accuracy, chance: chance,
            scores: seeds(trained[name]![index]), repeats: .weights, layer: index + 1),
          ProbeResult(
            model: name, kind: .randomInitialisation, task: task, metric: .accuracy, chance: chance,
            scores: seeds(random[index]), repeats: .weights, layer: 1),
        ]
      }
      let statistics = ProbeResult(
        model: "log-mel statistics", kind: .statistics, task: task, metric: .accuracy,
        chance: chance,
        scores: seeds([0.84, 0.62, 0.58][index]), repeats: .folds)
      return models + [statistics]
    }
  }
}

/// A whole report would be a hundred kilobytes of the tests' output.
extension ComparisonReport: CustomTestStringConvertible {
  /// What the tests print of an argument.
  public var testDescription: String { String(title.prefix(20)) }
}

extension StepRecord {
  /// A step of which the loss matters alone.
  init(step: Int, loss: Float, terms: [String: Float] = [:]) {
    self.init(
      step: step, loss: loss, terms: terms, learningRate: 0, gradientNorm: 0, secondsPerStep: 1,
      audioSecondsPerSecond: 1)
  }
}
