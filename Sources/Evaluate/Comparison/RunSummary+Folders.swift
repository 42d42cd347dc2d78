import Foundation
import Models
import Settings
import Train
import YAML

extension Comparison {
  /// The report's summary of each contender.
  func summaries(_ stops: Stops) throws -> [RunSummary] {
    let all = try zip(contenders, names).map { contender, name in
      if case .model(_, let encoder) = contender { return try RunSummary(name, of: encoder) }
      return try summary(name, of: trainings(of: contender), stops)
    }
    return all.namingStages()
  }

  /// That of some trainings, with the labels that the shown one of them was taught, and the codecs among its stages.
  private func summary(
    _ name: String, of trainings: [TrainingRun], _ stops: Stops
  ) throws -> RunSummary {
    var summary = try RunSummary(name, of: trainings, stops)
    guard let shown = trainings.first(where: { stops[$0.folder.path] == nil }) else {
      return summary
    }
    for folder in try labelFolders(of: shown) where summary.labels == nil {
      summary.labels = try Teaching(shown.recipe, folder: folder).qualities
    }
    summary.codecs = try codecs(of: shown, name)
    return summary
  }

  /// Where the labels of a training may lie: in the run, or beside it where another comparison made it.
  private func labelFolders(of training: TrainingRun) throws -> [URL] {
    let key = try Teaching.key(of: training.recipe)
    let beside = training.folder.deletingLastPathComponent().appending(path: "labels/\(key)")
    return training.isOwn ? [try labels(of: training.recipe)] : [training.folder.labels, beside]
  }

  /// Those among the stages of a contender's training; nil without one. Runs that are trained here share theirs.
  private func codecs(of training: TrainingRun, _ contender: String) throws -> [TeachingCodec]? {
    let owner = training.isOwn ? "" : " of \(contender.replacing("/", with: "_"))"
    let codecs = try training.recipe.stages.filter { $0 is CodecRecipe }.compactMap { codec in
      try folder(of: codec, for: training).flatMap {
        try TeachingCodec(codec.name, of: $0, beside: folder, in: "sounds/\(codec.name)\(owner)")
      }
    }
    return codecs.isEmpty ? nil : codecs
  }

  /// The run of a stage: in that of its student, or beside it where another comparison made both; nil if it is not there.
  private func folder(of stage: some TrainingRecipe, for student: TrainingRun) throws -> URL? {
    if student.isOwn { return folder.appending(path: stage.name) }
    let own = student.folder.stages.appending(path: stage.name)
    if try RunInformation.ifBegun(own) != nil { return own }
    let beside = student.folder.deletingLastPathComponent().appending(path: stage.name)
    // Another run may have this name there.
    let isIt = (try? RunFolder.isFinished(beside, recipe: stage)) == true
    return isIt ? beside : nil
  }
}

extension RunSummary {
  /// The trainings of one recipe together: settings and curves of the first that was not stopped, the time
  /// of all.
  init(_ name: String, of runs: [TrainingRun], _ stops: Comparison.Stops) throws {
    let trainings = try runs.map { try Training($0, stop: stops[$0.folder.path]) }
    let shown = trainings.firstIndex { $0.stopped == nil } ?? 0
    let information = try runs.map { run in
      stops[run.folder.path] == nil
        ? try RunInformation(of: run.folder) : try RunInformation.ifBegun(run.folder)
    }
    let known = information.compactMap(\.self)
    let logs = try runs.map { try RunLog.steps(of: $0.folder.logFile) }
    let start = information[shown]?.start
    self.init(
      name: name,
      recipe: try RecipeFile.flattened(runs[shown].recipe)
        .map { Setting(path: $0.path, value: $0.value) }
        + (start.map { [Setting(path: "start", value: $0.words)] } ?? []),
      log: logs[shown],
      validations: try RunLog.validations(of: runs[shown].folder.logFile),
      probes: try RunLog.probes(of: runs[shown].folder.logFile),
      courses: SeedCourse.all(in: logs),
      parameters: try information[shown]?.parameters ?? runs[shown].recipe.plan().costs.parameters,
      steps: trainings[shown].steps,
      seconds: trainings.reduce(0) { $0 + $1.seconds },
      skipped: known.flatMap(\.skipped).uniqued(),
      trainings: trainings,
      music: known.map { Music(folder: $0.data, files: $0.files, seconds: $0.seconds) }.uniqued(),
      start: start)
  }

  /// A model of which nothing is known but what it is.
  init(_ name: String, of encoder: some Encoder) throws {
    self.init(
      name: name,
      recipe: try RecipeFile.flattened(encoder.config)
        .map { Setting(path: "encoder.\($0.path)", value: $0.value) },
      log: [], parameters: encoder.parameterCount, steps: 0, seconds: 0, skipped: [],
      trainings: [])
  }
}

extension RunSummary.Training {
  /// The records of a run's log.
  init(_ training: TrainingRun, stop: RunStop?) throws {
    try self.init(seed: training.recipe.seed, in: training.folder, stop: stop)
    work = try RunInformation.ifBegun(training.folder)?.work
    let plan = try training.recipe.plan()
    cost = TrainingCost(
      hoursHeard: Double(steps) * training.recipe.audioSecondsPerStep / 3600,
      operations: Double(steps) * plan.costs.operations,
      stageOperations: plan.stages.reduce(0) { $0 + Double($1.steps) * $1.costs.operations },
      cpuSeconds: try RunLog.steps(of: training.folder.logFile).cpuSeconds)
  }

  /// The records of the log in a run's folder.
  init(seed: Int, in folder: URL, stop: RunStop? = nil) throws {
    let steps = try RunLog.steps(of: folder.logFile)
    let events = try RunLog.events(of: folder.logFile)
    let starts = [0] + steps.map(\.step)
    self.init(
      seed: seed, steps: stop?.step ?? steps.last?.step ?? 0,
      seconds: zip(starts, steps).reduce(0) {
        $0 + Double($1.1.step - $1.0) * $1.1.secondsPerStep
      },
      stopped: stop?.reason, ending: stop?.ending, leftOut: events.count { $0.isUpdateLeftOut })
  }
}

extension [StepRecord] {
  /// The processor time of all steps; nil if a line does not say, or there is none.
  fileprivate var cpuSeconds: Double? {
    let starts = [0] + map(\.step)
    let parts = zip(starts, self).map { start, record in
      record.cpuSecondsPerStep.map { Double(record.step - start) * $0 }
    }
    let known = parts.compactMap(\.self)
    return known.isEmpty || known.count < parts.count ? nil : known.reduce(0, +)
  }
}
