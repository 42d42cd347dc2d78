import Audio
import Foundation
import MelModels
import Models
import Optimisation
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

extension Recipe {
  /// A recipe that trains in milliseconds: 8 kHz, 50 frames a second, crops of 31 frames, everything
  /// random switched on.
  private static func tiny(_ name: String, _ edit: (inout Recipe) -> Void) -> Recipe {
    var recipe = Recipe()
    (recipe.name, recipe.seed) = (name, 5)
    recipe.encoder.sampleRate = 8_000
    recipe.encoder.frontEnd.channels = [6, 5, 4]
    recipe.encoder.frontEnd.kernels = [20, 8, 4]
    recipe.encoder.frontEnd.strides = [10, 4, 4]
    (recipe.encoder.width, recipe.encoder.layers, recipe.encoder.heads) = (12, 2, 3)
    recipe.encoder.feedForwardWidth = 16
    (recipe.encoder.position.kernel, recipe.encoder.position.groups) = (6, 4)
    recipe.encoder.layerDrop = 0.3
    recipe.data.cropSeconds = 0.64
    (recipe.mask.probability, recipe.mask.spanFrames) = (0.5, 3)
    (recipe.schedule.peakRate, recipe.schedule.warmupSteps) = (0.01, 3)
    (recipe.training.steps, recipe.training.batchSize) = (6, 2)
    (recipe.training.logEvery, recipe.training.checkpointEvery) = (1, 3)
    edit(&recipe)
    return recipe
  }

  private static func clusters(of features: FeatureKind) -> Recipe.Clusters {
    var config = Recipe.Clusters()
    config.features = features
    (config.clustering.clusters, config.clustering.restarts) = (6, 2)
    return config
  }

  private static var codes: CodePrediction.Config {
    var config = CodePrediction.Config()
    config.width = 4
    return config
  }

  static let tinyHuBERT = tiny("hubert") {
    $0.teacher.kmeans = [clusters(of: .mfcc39)]
    ($0.objective.codes, $0.objective.featurePenalty) = (codes, 10)
  }

  /// Two label sets, the constant-Q spectrum, noise from the other crop.
  static let tinyMERT = tiny("mert") {
    $0.teacher.kmeans = [clusters(of: .mfcc39), clusters(of: .logmel128)]
    ($0.objective.codes, $0.objective.featurePenalty) = (codes, 10)
    $0.objective.cqt = SpectrumPrediction.Config()
    ($0.objective.cqt!.bins, $0.objective.cqt!.compression) = (21, 10)
    $0.encoder.normOrder = .pre
    $0.mixing = BatchMixing.Config()
    ($0.mixing!.probability, $0.mixing!.snippetSamples) = (0.8, 500...1_500)
  }

  /// The second iteration: clusters of what leaves the first layer of `tinyHuBERT`.
  static let tinySecond = tiny("second") {
    var clusters = Recipe.Clusters()
    clusters.layer = Recipe.HiddenLayer()
    (clusters.layer!.recipe, clusters.layer!.index) = (.tinyHuBERT, 1)
    (clusters.clustering.clusters, clusters.clustering.restarts) = (5, 2)
    $0.teacher.kmeans = [clusters]
    $0.objective.codes = codes
  }

  /// Random projections and levels of mel, slow averages of it, and the mel frames themselves; windows of noise.
  static let tinyTokens = tiny("tokens") {
    var features = StreamFeatures()
    features.mel = MelFrames()
    (features.mel!.bands, features.mel!.fftLength, features.stack) = (12, 256, 2)
    var projections = TokenStream()
    (projections.name, projections.features) = ("mel", features)
    projections.tokens.randomProjection = RandomProjectionTokens()
    projections.tokens.randomProjection!.codes = 16
    var levels = projections
    (levels.name, levels.whitening, levels.features.averageSeconds) = ("slow", .full, 0.1)
    levels.tokens.randomProjection = nil
    levels.tokens.scalar = ScalarTokens()
    levels.tokens.scalar!.levels = [3, 3]
    var residual = projections
    residual.name = "residual"
    residual.tokens.randomProjection = nil
    residual.tokens.projectedRVQ = ResidualTokens()
    residual.tokens.projectedRVQ!.quantizer.codes = 8
    residual.tokens.projectedRVQ!.quantizer.codebooks = 2
    residual.tokens.projectedRVQ!.quantizer.steps = 5
    residual.tokens.projectedRVQ!.quantizer.batchFrames = 50
    $0.objective.tokens = TokenPrediction.Config()
    $0.objective.tokens!.streams = [projections, levels, residual]
    ($0.objective.tokens!.fitFrames, $0.objective.tokens!.leastPerplexity) = (200, 1)
    var plain = FeatureRegression.FeatureStream()
    (plain.name, plain.features) = ("mel", features)
    $0.objective.features = FeatureRegression.Config()
    $0.objective.features!.streams = [plain]
    $0.objective.unmaskedWeight = 0.5
    $0.mask = MaskSetting()
    $0.mask.windows = WindowMask.Config()
    $0.mask.windows!.seconds = 0.1
  }

  static let tinyData2Vec = tiny("data2vec") {
    $0.encoder.normalizesWaveform = true
    ($0.encoder.frontEnd.norm, $0.encoder.frontEnd.gradientScale) = (.layer, 1)
    ($0.encoder.position.kernel, $0.encoder.position.depth) = (5, 2)
    $0.objective.regression = TeacherRegression.Config()
    $0.teacher.ema = EMATeacher.Config()
    $0.teacher.ema!.targets.topLayers = 2
    ($0.teacher.ema!.decay.start, $0.teacher.ema!.decay.steps) = (0.5, 10)
    ($0.schedule.kind, $0.schedule.decaySteps) = (.triStage, 2)
  }
}

extension Recipe {
  /// The same with an encoder over 16 mel bands, 25 frames a second, crops of 16 frames.
  private static func tinyMel(
    _ name: String, _ edit: (inout MelEncoder.Config) -> Void
  ) -> Recipe {
    var encoder = MelEncoder.Config()
    (encoder.sampleRate, encoder.input.hopLength) = (8_000, 80)
    encoder.input.mel = SpectrumInput.MelBands()
    (encoder.input.mel!.bands, encoder.input.mel!.fftLength) = (16, 256)
    encoder.input.statistics = .perBand
    encoder.frontEnd.patches = FramePatches.Config()
    (encoder.width, encoder.layers, encoder.heads) = (12, 2, 3)
    (encoder.feedForwardWidth, encoder.kernel) = (16, 5)
    encoder.convolutionNorm = .layer
    edit(&encoder)
    return tiny(name) {
      ($0.encoder, $0.melEncoder) = (AudioEncoder.Config(), encoder)
      $0.objective.randomProjection = RandomProjectionPrediction.Config()
      ($0.objective.randomProjection!.bands, $0.objective.randomProjection!.fftLength) = (16, 256)
      ($0.objective.randomProjection!.codes, $0.objective.randomProjection!.codebooks) = (8, 2)
      ($0.objective.randomProjection!.projectedWidth, $0.objective.randomProjection!.head) = (
        4, codes
      )
    }
  }

  static let tinyConformer = tinyMel("conformer") { _ in }

  /// Clusters of keys, fitted before the first step.
  static let tinyKeys: Recipe = {
    var recipe = tinyMel("keys") { _ in }
    var keys = KeyClusterPrediction.Config()
    (keys.innerWidth, keys.fitSteps, keys.fitCrops) = (3, 20, 8)
    recipe.objective.keyClusters = keys
    return recipe
  }()

  /// Batch norms in its front end and its layers, over constant-Q bands.
  static let tinyBatchNorms = tinyMel("batch-norms") {
    $0.convolutionNorm = .batch
    ($0.input.mel, $0.input.constantQ) = (nil, SpectrumInput.PitchBands())
    ($0.input.constantQ!.bands, $0.input.constantQ!.bandsPerOctave) = (15, 5)
    $0.input.constantQ!.lowestFrequency = 200
    ($0.frontEnd.patches, $0.frontEnd.residual) = (nil, ResidualSubsampling.Config())
    $0.frontEnd.residual!.channels = 3
  }

  /// data2vec over mel frames.
  static let tinyMel2Vec: Recipe = {
    var recipe = tinyMel("mel2vec") {
      ($0.frontEnd.patches, $0.frontEnd.convNeXt) = (nil, ConvNeXtSubsampling.Config())
      $0.frontEnd.convNeXt!.channels = [6, 8]
      ($0.frontEnd.convNeXt!.layers, $0.frontEnd.convNeXt!.timeStrides) = ([1, 1], [2, 2])
    }
    (recipe.objective, recipe.teacher) = (tinyData2Vec.objective, tinyData2Vec.teacher)
    recipe.schedule = tinyData2Vec.schedule
    return recipe
  }()

  /// Three masks of each crop, and a decoder; dropout everywhere.
  static var tinyMultiMask: Recipe {
    var recipe = tinyData2Vec
    recipe.name = "multimask"
    (recipe.encoder.dropout, recipe.encoder.inputDropout) = (0.1, 0.1)
    recipe.mask.multi = MultiMask.Config()
    recipe.mask.multi!.masks = 3
    var decoder = MaskDecoder.Config()
    (decoder.width, decoder.layers, decoder.kernel, decoder.groups) = (8, 2, 3, 2)
    recipe.objective.regression!.decoder = decoder
    return recipe
  }
}

extension Recipe {
  /// Key and pitch from transpositions, beside the mel spectrum.
  static var tinyEquivariant: Recipe {
    var recipe = tiny("equivariant") { _ in }
    recipe.objective.mel = MelPrediction.Config()
    (recipe.objective.mel!.bands, recipe.objective.mel!.fftLength) = (20, 512)
    var key = KeySignaturePrediction.Config()
    (key.octaves, key.lowestFrequency, key.net.channels) = (3, 110, 3)
    key.mode = KeyMode()
    recipe.objective.keySignature = key
    var pitch = RelativePitchPrediction.Config()
    (pitch.semitones, pitch.pitches, pitch.binsPerSemitone) = (36, 40, 1)
    (pitch.mostBins, pitch.lowestFrequency, pitch.net.channels) = (4, 110, 3)
    recipe.objective.relativePitch = pitch
    recipe.objective.unmaskedWeight = 1
    return recipe
  }
}

/// A folder with a tiny collection, and runs on it.
final class TinyStudio {
  let folder: TestFolder
  /// What the sessions said was left out.
  private(set) var skipped: [Manifest.Skipped] = []
  /// What else they said that a user should know.
  private(set) var remarks: [String] = []
  /// What they warned of.
  private(set) var warnings: [String] = []
  /// Called with each of their events.
  var onEvent: (TrainingEvent) -> Void = { _ in }

  init() throws {
    folder = try TestFolder()
    try FileManager.default.createDirectory(at: music, withIntermediateDirectories: true)
    for (file, seconds) in [1.3, 2.2, 1.7, 0.9].enumerated() {
      try write(Self.music(seconds: seconds, seed: UInt64(file)), to: "\(file).wav")
    }
  }

  var music: URL { folder.url.appendingPathComponent("music") }

  /// The folder of a run.
  func run(_ name: String) -> URL { folder.url.appendingPathComponent("runs/\(name)") }

  func write(_ samples: [Float], to name: String) throws {
    try AudioFile.write(
      samples, sampleRate: 8_000, encoding: .float32,
      to: music.appendingPathComponent(name).path)
  }

  /// Tones that change four times a second, over a little noise.
  static func music(seconds: Double, seed: UInt64) -> [Float] {
    var stream = RandomStream(seed: seed, purpose: .corpus)
    var (samples, pitch): ([Float], Double) = ([], 0)
    for n in 0..<Int(seconds * 8_000) {
      if n % 2_000 == 0 {
        pitch = 110 * pow(2, Double(Int.random(in: 0..<36, using: &stream)) / 12)
      }
      let tone = 0.4 * sin(2 * .pi * pitch * Double(n) / 8_000)
      samples.append(Float(tone) + 0.02 * stream.nextNormal())
    }
    return samples
  }

  /// The crops of the music for a recipe without labels.
  func sampler(_ recipe: Recipe) throws -> CropSampler {
    let data = try Manifest.scan(music.path, minimumSeconds: 0.1)
    let audio = try DecodedAudio(
      data.manifest, sampleRate: recipe.sampleRate, scratchFolder: folder.path)
    return try CropSampler(TrainingMaterial(audio), recipe: recipe)
  }

  func session(
    _ recipe: Recipe, data: URL? = nil, cache: URL? = nil
  ) throws -> TrainingJob<Recipe> {
    try job(recipe, data: data, cache: cache)
  }

  /// The same of any kind of recipe.
  func job<R: TrainingRecipe>(
    _ recipe: R, data: URL? = nil, cache: URL? = nil, stop: StopRequest = StopRequest()
  ) throws -> TrainingJob<R> {
    try TrainingJob(
      recipe, data: Manifest.scan((data ?? music).path, minimumSeconds: 0.1),
      scratch: folder.url, cache: cache.map { try AudioCache($0) }, stop: stop
    ) { [unowned self] stage in
      onEvent(stage)
      switch stage {
      case .skipped(let file): skipped.append(file)
      case .warning(let text): warnings.append(text)
      case .remark(let text): remarks.append(text)
      default: break
      }
    }
  }

  /// Trains in `run(name)`; with labels of its own unless others are named.
  func train(
    _ recipe: Recipe, in name: String, on data: URL? = nil, labels: String? = nil,
    _ start: RunStart = .new, until limit: Int? = nil,
    startingAs beginning: StartingPoint = StartingPoint(), acceptingOtherData: Bool = false,
    cache: URL? = nil, stop: StopRequest = StopRequest()
  ) throws {
    let folder = run(name)
    try job(recipe, data: data, cache: cache, stop: stop).train(
      in: folder, labels: labels.map { run($0).labels } ?? folder.labels, start, until: limit,
      startingAs: beginning, acceptingOtherData: acceptingOtherData)
  }

  /// A recipe and a start whose batches overflow when a crop of one of the files is in them. The music is
  /// replaced.
  func overflowingStart(seed: Int) throws -> (recipe: Recipe, beginning: StartingPoint) {
    for file in 0..<4 {
      try write(Self.music(seconds: 0.7, seed: UInt64(file)), to: "\(file).wav")
    }
    try write([Float](repeating: 9e5, count: 5_600), to: "0.wav")
    var recipe = Recipe.tinyData2Vec
    (recipe.encoder.normalizesWaveform, recipe.seed) = (false, seed)
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    var start = try AudioEncoder(recipe.encoder, using: &generator)
    start.update { place, tensor in
      if place.path == "extractor.layers.0.weight" { tensor = tensor * 1e33 }
    }
    return (recipe, StartingPoint(encoder: start))
  }

  /// The files of a checkpoint by name, but for the model card, which has times.
  func checkpoint(_ step: Int, of name: String) throws -> [String: Data] {
    let folder = run(name).appendingPathComponent("checkpoints/step-\(step)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0 != "README.md" }
    let contents = try names.map { try Data(contentsOf: folder.appendingPathComponent($0)) }
    return Dictionary(uniqueKeysWithValues: zip(names, contents))
  }

  /// The log without times and memory, which no two runs share.
  func log(of name: String) throws -> [StepRecord] {
    try RunLog.steps(of: run(name).logFile).map { record in
      var record = record
      (record.secondsPerStep, record.audioSecondsPerSecond) = (0, 0)
      (record.shareOutsideSteps, record.memoryBytes) = (nil, nil)
      (record.cpuSecondsPerStep, record.ranks) = (nil, nil)
      return record
    }
  }
}

extension Recipe: CustomTestStringConvertible {
  /// What the tests print of an argument.
  public var testDescription: String { name }
}
