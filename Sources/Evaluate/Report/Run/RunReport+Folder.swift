import Audio
import Files
import Foundation
import Pretrain
import Train
import YAML

extension RunReport {
  /// Reads what a run of any kind has written so far.
  ///
  /// - Parameter run: The run's folder.
  /// - Throws: `RecipeError` if its recipe cannot be read; `RunError` if its log is damaged; `RunReportError` if a list of
  ///   its samples is; `AudioError` if one of its sounds is.
  public init(of run: URL) throws {
    let information = try RunInformation(of: run)
    let recipe = try RecipeKind.stored(of: run)
    let steps = try run.sampledSteps
    self.init(
      run: try RunSummary(recipe, information, in: run), work: information.work ?? [],
      checkpoints: try steps.map {
        Checkpoint(step: $0, measures: try run.samples(of: $0).decoded("measures.json"))
      },
      sounds: try steps.last.map { try Sounds(of: run, step: $0) })
  }

  /// Writes `report.html` into a run's folder.
  ///
  /// - Returns: The page.
  /// - Throws: As `init(of:)`, and `FileError` if the page cannot be written.
  @discardableResult
  public static func write(of run: URL) throws -> URL {
    let page = run.appendingPathComponent("report.html")
    try AtomicFile.write(Data(RunReport(of: run).html.utf8), to: page)
    return page
  }
}

extension RunSummary {
  /// A single training in its folder.
  fileprivate init(
    _ recipe: some TrainingRecipe, _ information: RunInformation, in folder: URL
  ) throws {
    let training = try Training(seed: recipe.seed, in: folder, stop: RunStop(of: folder))
    self.init(
      name: recipe.name,
      recipe: try RecipeFile.flattened(recipe).map { Setting(path: $0.path, value: $0.value) },
      log: try RunLog.steps(of: folder.logFile),
      validations: try RunLog.validations(of: folder.logFile),
      probes: try RunLog.probes(of: folder.logFile), parameters: information.parameters,
      steps: training.steps, seconds: training.seconds, skipped: information.skipped,
      trainings: [training],
      music: [
        Music(folder: information.data, files: information.files, seconds: information.seconds)
      ])
  }
}

extension RunReport.Sounds {
  /// Reads and draws the sounds of a step.
  fileprivate init(of run: URL, step: Int) throws {
    let folder = run.samples(of: step)
    let samples: CodecSamples = try folder.decoded("samples.json")
    var pictures: [String: String] = [:]
    for excerpt in samples.excerpts {
      for file in [excerpt.original] + excerpt.reconstructions.map(\.file) {
        let path = folder.appendingPathComponent(file).path
        pictures[file] = try Self.picture(of: path, title: file, sampleRate: samples.sampleRate)
      }
    }
    self.init(
      folder: "samples/\(folder.lastPathComponent)", samples: samples, pictures: pictures)
  }

  /// The log-mel spectrogram of a sound, about 75 frames per second.
  private static func picture(
    of path: String, title: String, sampleRate: Int
  ) throws -> String {
    var config = MelSpectrogram.Config()
    (config.hopLength, config.compression) = (max(1, sampleRate / 75), .logarithmic)
    let mel = MelSpectrogram(config, sampleRate: sampleRate)
    let samples = try AudioFile.decode(path, sampleRate: sampleRate)
    return FeaturePicture(of: mel(samples), .logmel128, by: mel, title: title).svg
  }
}

extension URL {
  /// The steps of a run of which there are samples, in order.
  fileprivate var sampledSteps: [Int] {
    get throws {
      try (Presence.names(in: samples) ?? [])
        .compactMap { $0.hasPrefix("step-") ? Int($0.dropFirst(5)) : nil }.sorted()
    }
  }

  /// A JSON file of this folder.
  fileprivate func decoded<Value: Decodable>(_ name: String) throws -> Value {
    let file = appendingPathComponent(name)
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? Presence.content(of: file),
      let value = try? decoder.decode(Value.self, from: data)
    else { throw RunReportError.samples(path: file.path) }
    return value
  }
}
