import Models
import Tensor
import TestSupport
import Testing

@Suite struct AudioEncoderTests {
  /// Published totals: HuBERT base and MERT-95M, MERT-330M, data2vec base.
  @Test func parameterTotalsOfThePapers() {
    #expect(AudioEncoder.Config().parameterCount == 94_371_712)

    var large = AudioEncoder.Config()
    (large.width, large.layers, large.heads, large.feedForwardWidth) = (1024, 24, 16, 4096)
    large.normOrder = .pre
    #expect(large.parameterCount == 315_428_992)
    (large.frontEnd.norm, large.frontEnd.bias) = (.layer, true)
    #expect(large.parameterCount == 315_438_720)

    var data2vec = AudioEncoder.Config()
    data2vec.frontEnd.norm = .layer
    (data2vec.position.kernel, data2vec.position.depth) = (19, 5)
    #expect(data2vec.parameterCount == 93_164_288)
  }

  @Test(arguments: [AudioEncoder.Config.tiny, .tinyLarge, .tinyData2Vec])
  func theFormulaCountsWhatIsBuilt(config: AudioEncoder.Config) throws {
    #expect(try AudioEncoder.random(config).parameterCount == config.parameterCount)
  }

  @Test(arguments: [
    (399, 0), (400, 1), (16_000, 49), (24_000, 74), (80_000, 249), (120_000, 374), (122_880, 383),
    (720_000, 2249),
  ])
  func framesOfAWaveform(samples: Int, frames: Int) {
    let config = AudioEncoder.Config()
    #expect(config.frameCount(samples: samples) == frames)
    let (frontEnd, count) = (config.frontEnd, max(frames, 1))
    #expect(frontEnd.frameCount(samples: frontEnd.sampleCount(frames: count)) == count)
    #expect(frontEnd.frameCount(samples: frontEnd.sampleCount(frames: count) - 1) == count - 1)
    #expect((frontEnd.stride, frontEnd.receptiveField) == (320, 400))
    #expect(config.frameRate == 75)
  }

  @Test func initialisationHasTheStatedSpread() throws {
    var config = AudioEncoder.Config.tiny
    (config.width, config.feedForwardWidth, config.frontEnd.channels) = (48, 96, [64, 64])
    for (path, tensor) in try AudioEncoder.random(config).parameters {
      let (mean, deviation) = tensor.moments
      let expected: (Float, Float)? =
        switch path {
        case "extractor.layers.0.weight": (0, (2 / Float(10)).squareRoot())
        case "extractor.layers.1.weight": (0, (2 / Float(192)).squareRoot())
        case "projection.linear.weight": (0, 1 / (3 * Float(64)).squareRoot())
        case "maskEmbedding": (0.5, 1 / Float(12).squareRoot())
        case "position.direction": (0, (4 / Float(8 * 48)).squareRoot())
        case let path where path.hasSuffix("inner.weight"): (0, 0.02)
        case let path where path.hasSuffix("key.weight"): (0, 0.02)
        case let path where path.hasSuffix("orm.weight"): (1, 0)
        case let path where path.hasSuffix("key.bias"): (0, 0)
        default: nil
        }
      guard let (m, d) = expected else { continue }
      let slack = 5 * d / Float(tensor.elementCount).squareRoot()
      #expect(abs(mean - m) <= slack && abs(deviation - d) <= slack, "\(path) \(mean) \(deviation)")
    }
  }

  @Test func preparesAWaveformAsTransformersDoes() {
    var config = AudioEncoder.Config.tiny
    let samples: [Float] = [0.5, -0.25, 0.125, 1]
    #expect(config.prepare(samples) == samples)
    config.normalizesWaveform = true
    // (x - x.mean()) / sqrt(x.var() + 1e-7) in NumPy, float64
    expectClose(
      Tensor(config.prepare(samples)),
      Tensor([Float]([0.33786861, -1.28390072, -0.47301605, 1.41904816])),
      relative: 1e-5)
  }

  @Test func maskedFramesAreHiddenFromTheRest() throws {
    let encoder = try AudioEncoder.random(.tinyLarge)
    let frames = Tensor.normal([2, 9, 12], seed: 1)
    var changed = frames
    changed.update { $0[3 * 12] += 5 }  // frame 3 of row 0
    let pass = ForwardPass.evaluating()
    let masked = encoder.contextualise(frames, masked: [[3], []], in: pass)
    let same = encoder.contextualise(changed, masked: [[3], []], in: pass)
    #expect(masked.scalars == same.scalars)
    let seen = encoder.contextualise(frames, in: pass)
    #expect(masked.sliced(axis: 0, 0..<1).scalars != seen.sliced(axis: 0, 0..<1).scalars)
    #expect(masked.sliced(axis: 0, 1..<2).scalars == seen.sliced(axis: 0, 1..<2).scalars)
  }

  @Test(arguments: [(0.3, 0, 1), (0.3, 0.1, 1), (0.3, 0.1, 3), (0.7, 0.69, 2), (2, 0.5, 1)])
  func framesOfALongFileAreThoseOfTheirWindows(
    seconds: Double, overlap: Double, batch: Int
  ) throws {
    let encoder = try AudioEncoder.random(.tiny)
    let front = encoder.config.frontEnd
    let samples = Tensor.normal([24_000], seed: 2).scalars
    let total = encoder.config.frameCount(samples: samples.count)
    let parts = try encoder.hiddenStates(
      of: samples, layers: [2, 0],
      windows: .init(seconds: seconds, overlapSeconds: overlap, batchSize: batch))
    #expect(parts.map(\.shape) == [[total, 12], [total, 12]])

    let longest = min(total, encoder.config.frameCount(samples: Int(seconds * 24_000)))
    let shared = Int((overlap * encoder.config.frameRate).rounded(.up))
    let count = ((Double(total - shared) / Double(longest - shared)).rounded(.up))
    let length = Int((Double(total + shared * (Int(count) - 1)) / count).rounded(.up))
    #expect(length <= longest)
    let step = length - shared
    var (first, taken) = (0, 0)
    while taken < total {
      let window = samples[first * front.stride..<samples.count]
        .prefix(length == total ? samples.count : front.sampleCount(frames: length))
      let alone = try encoder.hiddenStates(of: Array(window), windows: .init(seconds: 9))[2]
      let next = min(first + step, total - length)
      let end = next == first ? total : (next + first + length) / 2
      expectClose(
        parts[0].sliced(axis: 0, taken..<end),
        alone.sliced(axis: 0, taken - first..<end - first), relative: 1e-5)
      (first, taken) = (next, end)
    }
  }

  @Test func aFileOfOneWindowIsOnePass() throws {
    let encoder = try AudioEncoder.random(.tiny)
    let waveform = Tensor.normal([1, 24_000], seed: 2)
    let whole = try encoder.hiddenStates(of: waveform.scalars)
    let pass = encoder.hiddenStates(
      Tensor(encoder.config.prepare(waveform.scalars), shape: [1, 24_000]))
    #expect(whole.map(\.scalars) == pass.map(\.scalars))
  }

  /// A layer that runs although no state above it is asked for would spread its NaN.
  @Test(arguments: [AudioEncoder.Config.tiny, .tinyLarge], [[0], [1], [1, 0], [2]])
  func layersAboveTheHighestAreNotComputed(config: AudioEncoder.Config, layers: [Int]) throws {
    let encoder = try AudioEncoder.random(config)
    let samples = Tensor.normal([24_000], seed: 2).scalars
    let all = try encoder.hiddenStates(of: samples)
    var broken = encoder
    broken.update { place, tensor in
      guard place.path.hasPrefix("transformer.layers.") else { return }
      let layer = Int(place.path.split(separator: ".")[2])!
      if layer >= layers.max()! { tensor = tensor * Float.nan }
    }
    let states = try broken.hiddenStates(of: samples, layers: layers)
    #expect(states.map(\.scalars) == layers.map { all[$0].scalars })
    let pass = ForwardPass.evaluating(keeping: .hiddenStates, endingAt: layers.max()!)
    let end = broken(.normal([1, 24_000], seed: 2), in: pass)
    #expect(pass.hiddenStates.count == layers.max()! + 1)
    #expect(end.scalars == pass.hiddenStates.last?.scalars)
  }

  @Test func refusesAWaveformWithoutAFrame() throws {
    let encoder = try AudioEncoder.random(.tiny)
    #expect(throws: ModelError.self) { try encoder.hiddenStates(of: [0, 0, 0]) }
    let second = [Float](repeating: 0, count: 24_000)
    #expect(throws: ModelError.self) {
      try encoder.hiddenStates(of: second, windows: .init(seconds: 1e-6))
    }
    #expect(throws: ModelError.self) {
      try encoder.hiddenStates(of: second, windows: .init(seconds: 0.5, overlapSeconds: 0.5))
    }
    for seconds in [1e300, -.infinity, .nan] {
      #expect(throws: ModelError.self) {
        try encoder.hiddenStates(of: second, windows: .init(seconds: 0.5, overlapSeconds: seconds))
      }
    }
    #expect(throws: ModelError.self) { try encoder.hiddenStates(of: second, layers: [3]) }
  }

  @Test(arguments: [
    ("heads", "encoder.heads: 5 does not divide encoder.width 12"),
    ("groups", "encoder.position.groups: 7 does not divide encoder.width 12"),
    ("kernels", "encoder.frontEnd.kernels: has 1 entries, encoder.frontEnd.channels has 2"),
    ("strides", "encoder.frontEnd.strides[1]: 0 is not between 1 and 65536"),
    ("layers", "encoder.layers: 0 is not between 1 and 1000"),
    ("dropout", "encoder.dropout: 1 is not at least 0 and below 1"),
    ("layerDrop", "encoder.layerDrop: nan is not at least 0 and below 1"),
  ])
  func aBadSettingIsNamed(setting: String, problem: String) {
    var config = AudioEncoder.Config.tiny
    switch setting {
    case "heads": config.heads = 5
    case "groups": config.position.groups = 7
    case "kernels": config.frontEnd.kernels = [3]
    case "strides": config.frontEnd.strides = [5, 0]
    case "layers": config.layers = 0
    case "dropout": config.dropout = 1
    default: config.layerDrop = .nan
    }
    let error = #expect(throws: ModelError.self) { try AudioEncoder.random(config) }
    #expect(error?.description.hasPrefix(problem) == true, "got \(String(describing: error))")
  }
}

extension Tensor {
  fileprivate var moments: (mean: Float, deviation: Float) {
    let values = scalars
    let mean = values.reduce(0, +) / Float(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)
    return (mean, variance.squareRoot())
  }
}
