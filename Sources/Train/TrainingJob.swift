import Audio
import Cluster
import Files
import Foundation
import Models
import Pretrain
import Settings
import Tensor
import YAML

/// Everything from a recipe and a folder of music to a trained model: decode or look through, teach what is not
/// taught yet, train. `etude pretrain` and `etude compare` are this with a progress line.
public struct TrainingJob<Recipe: TrainingRecipe> {
  private let recipe: Recipe
  private let data: Manifest.Scan
  /// All files of the collection, those that are held out among them.
  private let collection: Manifest
  /// The files that are validated on; nil without validation.
  private let heldOut: Manifest.Scan?
  private let probe: TrainingProbe?
  private let scratch: URL
  private let cache: AudioCache?
  private let stop: StopRequest
  private let placement: Placement
  private let watch: (TrainingEvent) -> Void

  /// A recipe and the collection for it, which is not looked at yet.
  ///
  /// - Parameters:
  ///   - recipe: The recipe.
  ///   - data: The files, and those left out already while a folder was scanned.
  ///   - scratch: A folder for decoded audio that no cache keeps.
  ///   - cache: What keeps decoded audio for other runs; nil if nothing does.
  ///   - stop: Ends the work early, from another thread or a signal.
  ///   - probe: What probes the model if the recipe has `validation.probe`.
  ///   - placement: The ranks that work together, all with the same recipe and the same files; this process alone
  ///     unless given. The first of them owns the run's folder and has the events.
  ///   - watch: Called with each event.
  /// - Throws: `RunError.recipe` if the recipe does not hold together; `FileError` if nothing is held out although the
  ///   recipe has `validation`, or nothing else is left.
  public init(
    _ recipe: Recipe, data: Manifest.Scan, scratch: URL, cache: AudioCache? = nil,
    stop: StopRequest = StopRequest(), probe: TrainingProbe? = nil,
    placement: Placement = .alone, watch: @escaping (TrainingEvent) -> Void
  ) throws {
    try recipe.check()
    guard probe != nil || recipe.validation?.probe == nil else {
      throw RunError.recipe(
        recipe.name, reason: "validation.probe needs a job with a probe; leave it out here")
    }
    (self.recipe, self.scratch, self.cache, self.probe) = (recipe, scratch, cache, probe)
    (self.data, heldOut) = try recipe.split(data)
    collection = data.manifest
    (self.stop, self.placement) = (stop, placement)
    self.watch = placement.ranks.isFirst ? watch : { _ in }
  }

  /// Fits the teachers and writes labels into `folder`.
  ///
  /// - Parameters:
  ///   - folder: The folder for the labels.
  ///   - stages: Where earlier stages are trained, `folder/stages` unless given.
  ///   - acceptingOtherData: Replaces labels of other audio.
  /// - Returns: What each label set is like.
  /// - Throws: `AudioError` if nothing usable is left; `RunError.otherLabels` if the folder holds labels of
  ///   another teacher or of other audio; `FileError.busy` if another process works there.
  @discardableResult
  public func teach(
    into folder: URL, stages: URL? = nil, acceptingOtherData: Bool = false
  ) throws -> [LabelQuality] {
    let stages = Stages(of: recipe, in: stages ?? folder.stages)
    guard let teaching = recipe.teaching(in: folder, stages: stages.folder) else { return [] }
    try ranks.agree { try teaching.checkSources() }
    try checkSameJob()
    return try locked(folder) {
      try prepare(stages, teaching, acceptingOtherData)
      let audio = try open(data)
      return try teach(audio, identity(of: audio), by: teaching, acceptingOtherData)
    }
  }

  /// Trains in `folder`.
  ///
  /// - Parameters:
  ///   - folder: The run's folder.
  ///   - labels: Where the teachers' labels are; they are made there first if they are missing.
  ///   - stages: Where the earlier stages are trained whose models teach, `folder/stages` unless given.
  ///   - start: Whether the run begins or goes on.
  ///   - limit: Stops after this step, before the recipe's last.
  ///   - beginning: What a new run begins as instead of at random.
  ///   - acceptingOtherData: Goes on with other audio than that of before.
  /// - Throws: `TrainingStopped` if that was asked for; `AudioError` if nothing usable is left; `RunError` if the folder holds another run, or one
  ///   of other audio; before any work `RunError.memory` if this machine cannot train the
  ///   recipe, `FileError` if a file that its targets are computed with is missing or does not fit;
  ///   `FileError.busy` if another process works in one of the folders.
  public func train(
    in folder: URL, labels: URL, stages: URL? = nil, _ start: RunStart = .new,
    until limit: Int? = nil, startingAs beginning: StartingPoint = StartingPoint(),
    acceptingOtherData: Bool = false
  ) throws {
    try recipe.check(placement)
    try ranks.agree { try recipe.checkMachine(on: placement) }
    if let slow = recipe.training.precision.warning() { remark(slow) }
    let sources = try ranks.agree { try recipe.sourceIdentity() }
    try checkSameJob()
    try locked(folder) {
      do {
        try train(
          in: folder, labels: labels, stages: stages ?? folder.stages, start, until: limit,
          startingAs: beginning, acceptingOtherData, sources)
      } catch {
        // That it cannot be noted must not hide why the training ended.
        if ranks.isFirst { try? runStop(by: error, in: folder)?.write(to: folder) }
        throw error
      }
    }
  }

  /// Why an error that ended the training of a run's folder would end it again; nil if it is of another kind, such as a
  /// full disk.
  /// - Throws: If the folder cannot be read.
  package func runStop(by error: any Error, in folder: URL) throws -> RunStop? {
    try RunStop(error, in: folder, of: recipe, on: data.manifest)
  }

  /// The same in a locked folder.
  private func train(
    in folder: URL, labels: URL, stages: URL, _ start: RunStart, until limit: Int?,
    startingAs beginning: StartingPoint, _ acceptingOtherData: Bool, _ sources: String?
  ) throws {
    let resumption = try ranks.lead {
      let resumption = try RunFolder.resumption(
        folder, start, recipe: recipe, startingAs: beginning, remark: remark)
      try resumption?.check(sources: sources)
      try resumption?.setAsideDamaged(remark)
      RunStop.remove(from: folder)
      return resumption
    }
    let stages = Stages(of: recipe, in: stages)
    let teaching = recipe.teaching(in: labels, stages: stages.folder)
    let isTaught = try isTaught(teaching)
    if !isTaught { try ranks.agree { try teaching?.checkSources() } }
    let isOwn = labels.standardizedFileURL.path == folder.standardizedFileURL.path
    let prepare = { try material(by: stages, teaching, resumption, acceptingOtherData) }
    let (audio, taught, data) = try isTaught || isOwn ? prepare() : locked(labels, prepare)
    var run = try Run(
      recipe, folder: folder, audio: audio, labels: taught, data: data,
      validation: try validation(
        besides: data, by: teaching, isOwn: isOwn, resumption, acceptingOtherData),
      resumption, startingAs: beginning, stop: stop, placement, remark: remark)
    try ranks.lead { try record(run, audio, data, resumption) }
    try stop.check()
    if let operations = try? recipe.plan().costs.operations {
      watch(.planned(operations: operations, recipe.training.precision))
    }
    watch(.started(parameters: run.parameterCount, step: run.position.step))
    try run.train(until: limit, watch: watch)
  }
}

extension TrainingJob {
  private var ranks: Ranks { placement.ranks }

  private func isTaught(_ teaching: Teaching?) throws -> Bool {
    try ranks.lead { try teaching?.isDone ?? true }
  }

  /// Checks that all ranks are of one build, have the same recipe and see the same files.
  /// - Throws: `ClusterError.differs`.
  private func checkSameJob() throws {
    try ranks.checkBuild()
    try ranks.check("recipe", is: RecipeFile.yaml(of: recipe))
    try ranks.check(data.manifest)
  }

  /// The audio and its labels, which are made if they are missing.
  private func material(
    by stages: Stages, _ teaching: Teaching?, _ resumption: Resumption?,
    _ acceptingOtherData: Bool
  ) throws -> (audio: any AudioSource, labels: Teaching.Labels, data: DataIdentity) {
    let isTaught = try isTaught(teaching)
    if !isTaught { try prepare(stages, teaching, acceptingOtherData) }
    let audio = try open(data)
    var data = try identity(of: audio, since: resumption?.data)
    try resumption?.check(data, acceptingOthers: acceptingOtherData, remark: remark)
    if !isTaught, let teaching { try teach(audio, data, by: teaching, acceptingOtherData) }
    try teaching?.share(among: ranks)
    let labels = try ranks.agree {
      try teaching?.labels(of: audio, data, since: resumption?.labels) ?? Teaching.Labels()
    }
    data.label(labels.hashes)
    try resumption?.check(labels: labels.fingerprint, of: data)
    return (audio, labels, data)
  }

  /// What validates the run: held-out audio, with labels that the teachers give it as they are; nil without validation.
  private func validation(
    besides training: DataIdentity, by teaching: Teaching?, isOwn: Bool,
    _ resumption: Resumption?, _ acceptingOtherData: Bool
  ) throws -> RunValidation<Recipe>? {
    guard let settings = recipe.validation, let heldOut else { return nil }
    let audio = try open(heldOut)
    let data = try identity(of: audio, from: heldOut.manifest)
    if let warning = data.warning(ofCopiesIn: training) { watch(.warning(warning)) }
    let label = {
      try teaching?.stages.share(among: ranks)
      return try ranks.inTurn {
        try teaching?.heldOutLabels(of: audio, data, besides: training, from: collection) {
          watch(.teaching($0, of: $1))
        }
      }
    }
    let isThere = try ranks.lead { try teaching?.hasHeldOutLabels(of: audio, data) ?? true }
    let labels = try isOwn || isThere ? label() : teaching.flatMap { try locked($0.folder, label) }
    let progress = try resumption?.progress(
      on: data, acceptingOthers: acceptingOtherData, remark: remark)
    return try RunValidation(
      recipe, settings,
      on: HeldOutMaterial(audio: audio, labels: labels ?? Teaching.Labels(), data: data),
      probe: probe, since: progress ?? ValidationProgress(of: data))
  }

  /// Writes what the run is made from into its folder.
  private func record(
    _ run: Run<Recipe>, _ audio: any AudioSource, _ data: DataIdentity, _ resumption: Resumption?
  ) throws {
    let former = resumption == nil ? nil : formerInformation(of: run.folder)
    let work = RunInformation.Work.current(
      from: run.position, recipe: recipe, ranks: ranks.count)
    if let last = former?.work?.last { work.differences(from: last).forEach(remark) }
    try RunInformation(
      audio, root: self.data.manifest.root, skipped: self.data.skipped + audio.skipped,
      parameters: run.parameterCount, start: run.start, work: (former?.work ?? []) + [work],
      hasCheckpoint: resumption != nil
    ).write(to: run.folder)
    try resumption?.keepData(besides: data)
    try data.write(to: run.folder)
  }

  private func formerInformation(of folder: URL) -> RunInformation? {
    do {
      return try RunInformation(of: folder)
    } catch {
      remark("\(folder.informationFile.path): cannot be read, so it begins anew")
      return nil
    }
  }

  /// Keeps other processes out of a folder meanwhile.
  private func locked<Result>(_ folder: URL, _ body: () throws -> Result) throws -> Result {
    let lock = try ranks.agree { ranks.isFirst ? try FolderLock(folder) : nil }
    if lock?.isMissing == true {
      remark("\(folder.path): has no locks; see to it that no other process works there")
    }
    return try withExtendedLifetime(lock) { try body() }
  }

  private func remark(_ text: String) { watch(.remark(text)) }

  /// Stages are trained before the audio is opened, so that it does not lie on the disk twice.
  private func prepare(
    _ stages: Stages, _ teaching: Teaching?, _ acceptingOtherData: Bool
  ) throws {
    try ranks.agree {
      for stage in recipe.stages { try stage.checkMachine(on: placement) }
    }
    try ranks.lead { try teaching?.checkFolder() }
    try stages.train(
      on: data, scratch: scratch, cache: cache, acceptingOtherData: acceptingOtherData, stop: stop,
      probe: probe, placement: placement, watch: watch)
  }

  /// The collection, decoded by `data.decoding`.
  private func open(_ data: Manifest.Scan) throws -> any AudioSource {
    try stop.check()
    for file in data.skipped { watch(.skipped(file)) }
    let audio = try ranks.agree {
      try recipe.data.source(
        of: data, sampleRate: recipe.sampleRate, scratch: scratch, cache: cache,
        checking: { watch(.checking($0, of: $1)) }, progress: { watch(.decoding($0, of: $1)) })
    }
    let files = audio.files.map { "\($0.path)\t\($0.samples)" }
    try ranks.check("usable audio", is: files.joined(separator: "\n"))
    for file in audio.skipped { watch(.skipped(file)) }
    if let warning = audio.silenceWarning { watch(.warning(warning)) }
    return audio
  }

  private func identity(
    of audio: any AudioSource, from manifest: Manifest? = nil, since earlier: DataIdentity? = nil
  ) throws -> DataIdentity {
    try DataIdentity(of: audio, from: manifest ?? data.manifest, since: earlier, among: ranks) {
      watch(.checking($0, of: $1))
    }
  }

  @discardableResult
  private func teach(
    _ audio: any AudioSource, _ identity: DataIdentity, by teaching: Teaching,
    _ acceptingOtherData: Bool
  ) throws -> [LabelQuality] {
    try stop.check()
    if !acceptingOtherData { try ranks.lead { try teaching.checkFolder(for: identity) } }
    let qualities = try teaching.teach(
      audio, identity, from: collection, fitting: { watch(.fitting($0, of: $1)) },
      progress: { watch(.teaching($0, of: $1)) }, among: ranks, remark: remark)
    for quality in qualities {
      watch(.taught(quality))
      if let warning = quality.warning { watch(.warning(warning)) }
    }
    return qualities
  }
}

extension Ranks {
  /// Checks that all ranks are of one build.
  /// - Throws: `ClusterError.differs`.
  package func checkBuild() throws {
    try check("build of etude", is: RunInformation.Work.build)
  }

  /// Checks that all ranks list the same files.
  /// - Throws: `ClusterError.differs`.
  package func check(_ files: Manifest) throws {
    try check(
      "list of files",
      is: files.entries.map { "\($0.path)\t\($0.samples)" }.joined(separator: "\n"))
  }
}

extension DataIdentity {
  /// The warning for held-out files of which copies are trained on; nil if there are none.
  fileprivate func warning(ofCopiesIn training: DataIdentity) -> String? {
    let trained = Set(training.files.map(\.hash))
    let copies = files.filter { trained.contains($0.hash) }
    guard let first = copies.first else { return nil }
    return
      "\(copies.count) of \(files.count) held-out files, such as \(first.path), have a copy that "
      + "is trained on, so the validation looks better than it is; leave out the copies"
  }
}

extension AudioSource {
  /// The warning for a collection of which a fifth or more is digital silence; nil for any other.
  fileprivate var silenceWarning: String? {
    guard let silentSeconds, silentSeconds > 0.2 * seconds else { return nil }
    let percent = (silentSeconds / seconds * 1000).rounded() / 10
    return "\(percent) % of the audio is digital silence, from which nothing is learned and which "
      + "is easy to predict; leave out what is silent, or cut it away"
  }
}
