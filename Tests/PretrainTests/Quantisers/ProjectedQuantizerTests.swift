import Models
import Pretrain
import Tensor
import TestSupport
import Testing

/// The residual quantiser of projected codebooks against PyTorch, and its training.
@Suite struct ProjectedQuantizerTests {
  private static let golden = Result { try TestSupport.golden("quantisers").under("rvq") }

  private func quantizer() throws -> ProjectedQuantizer {
    try ProjectedQuantizer(state: Self.golden.get().under("initial"))
  }

  private var config: ProjectedQuantizer.Config {
    var config = ProjectedQuantizer.Config()
    (config.codebooks, config.codes, config.projectedWidth) = (3, 7, 3)
    (config.learningRate, config.steps, config.batchFrames) = (0.01, 10, 16)
    return config
  }

  @Test func codesAreThoseOfPyTorch() throws {
    let golden = try Self.golden.get()
    let codes = try quantizer().codes(of: golden["frames"]!)
    #expect(codes.shape == [40, 3])
    #expect(codes.integers == golden["codes"]!.integers)
  }

  @Test func lossesAndGradientsAreThoseOfPyTorch() throws {
    let golden = try Self.golden.get()
    var quantizer = try quantizer()
    quantizer.trackGradients()
    let losses = quantizer.losses(of: golden["frames"]!, config)
    let terms = golden.under("term")
    expectClose(losses.total, terms["total"]!)
    expectClose(losses.commitment, terms["commitment"]!)
    expectClose(losses.codebook, terms["codebook"]!)
    expectClose(losses.reconstruction, terms["reconstruction"]!)
    let gradients = losses.total.gradients()
    let expected = golden.under("gradient")
    #expect(quantizer.parameters.count == expected.count)
    for (path, parameter) in quantizer.parameters {
      let gradient = try #require(gradients[parameter], "\(path) has no gradient")
      expectClose(gradient, try #require(expected[path]), relative: 1e-4)
    }
  }

  @Test func tenStepsAreThoseOfPyTorch() throws {
    let golden = try Self.golden.get()
    let frames = golden["frames"]!
    var fit = ProjectedQuantizerFit(of: try quantizer(), on: frames, config, seed: 1)
    var losses: [Float] = []
    for _ in 0..<10 { losses.append(try fit.advance(on: frames).loss) }
    expectClose(Tensor(losses), golden["losses"]!, relative: 1e-4)
    for (path, parameter) in fit.quantizer.parameters {
      expectClose(parameter, try #require(golden["final." + path]), relative: 1e-4)
    }
  }

  /// The residual is not detached: the commitment of the last level moves the first output map.
  @Test func laterLevelsMoveEarlierOnes() throws {
    var quantizer = try quantizer()
    quantizer.trackGradients()
    var only = config
    (only.commitmentWeight, only.codebookWeight) = (1, 0)
    let commitment = quantizer.losses(of: try Self.golden.get()["frames"]!, only).commitment
    let gradients = commitment.gradients()
    let output = quantizer.levels[0].output.direction
    #expect(try #require(gradients[output]).scalars.contains { $0 != 0 })
  }
}

// MARK: - Training

extension ProjectedQuantizerTests {
  /// Frames of a few sounds with a little noise, `[count, 5]`.
  private func sounds(_ count: Int, of kinds: Int) -> Tensor {
    let centres = Tensor.normal([kinds, 5], seed: 3)
    let rows = (0..<count).map { $0 % kinds }
    return centres.gatheringRows(rows) * 3 + Tensor.normal([count, 5], seed: 4) * 0.05 + 7
  }

  @Test func theLossFallsAndCodesTellSoundsApart() throws {
    var config = config
    (config.codebooks, config.codes, config.staleSteps) = (2, 6, 10)
    let frames = sounds(120, of: 4)
    var fit = try ProjectedQuantizerFit(to: frames, config, seed: 2)
    let first = try fit.advance().reconstruction
    for _ in 0..<150 { try fit.advance() }
    let last = try fit.advance().reconstruction
    #expect(last < 0.5 * first, "\(first) -> \(last)")
    let codes = fit.quantizer.codes(of: frames).integers
    let words = (0..<4).map { kind in
      Set(stride(from: kind, to: 120, by: 4).map { [codes[2 * $0], codes[2 * $0 + 1]] })
    }
    for (a, b) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
      #expect(words[a].isDisjoint(with: words[b]))
    }
  }

  /// Four sounds in channels that are a hundred times fainter than noise in others: what the most frequent sound of each
  /// code gets right.
  private func purity(_ whitening: WhiteningKind) throws -> Double {
    var config = config
    (config.codebooks, config.codes, config.batchFrames) = (1, 8, 64)
    let noise = Tensor.normal([400, 4], seed: 5) * 300
    let frames = Tensor.concatenated([sounds(400, of: 4), noise], axis: 1)
    var fit = try ProjectedQuantizerFit(to: frames, config, whitening: whitening, seed: 2)
    for _ in 0..<100 { try fit.advance() }
    var counts = [[Int]](repeating: [0, 0, 0, 0], count: 8)
    for (row, code) in fit.quantizer.codes(of: frames).integers.enumerated() {
      counts[Int(code)][row % 4] += 1
    }
    return counts.reduce(0) { $0 + Double($1.max()!) / 400 }
  }

  @Test func whitenedChannelsCountAlike() throws {
    let (whole, channels, full) = (
      try purity(.global), try purity(.channels), try purity(.full)
    )
    #expect(whole < 0.45 && channels > 0.6 && full > 0.6, "\(whole) \(channels) \(full)")
  }

  /// A level that sees `x` itself in two channels, with entries along three directions.
  private func plane(entries: [Float]) throws -> ProjectedQuantizer {
    let identity = Tensor([1, 0, 0, 1], shape: [2, 2])
    var state = [
      "statistics.mean": Tensor.zeros([2]), "statistics.deviation": .ones([2]),
      "levels.0.entries": Tensor(entries, shape: [entries.count / 2, 2]),
    ]
    for map in ["input", "output"] {
      state["levels.0.\(map).gain"] = .ones([2])
      state["levels.0.\(map).direction"] = identity
      state["levels.0.\(map).bias"] = .zeros([2])
    }
    return try ProjectedQuantizer(state: state)
  }

  /// Two entries have frames and one lies on the other side. Counted by one number for the whole codebook, as
  /// MuQ's trainer does, no entry is ever replaced.
  @Test func anEntryWithoutFramesIsReplaced() throws {
    var config = config
    (config.staleSteps, config.learningRate) = (4, 0.000_001)
    let frames = Tensor([3, 0.1, 2, -0.1, 0.1, 5, -0.1, 4], shape: [4, 2])
    let quantizer = try plane(entries: [1, 0, 0, 1, -1, -1])
    var fit = ProjectedQuantizerFit(of: quantizer, on: frames, config, seed: 6)
    for step in 0..<3 {
      let codes = try fit.advance(on: frames).codes[0]
      #expect(codes == [0, 0, 1, 1])
      let entry = Array(fit.quantizer.levels[0].entries.scalars[4...])
      #expect(entry == [-1, -1], "unused for \(step + 1) steps")
    }
    try fit.advance(on: frames)
    let entries = fit.quantizer.levels[0].entries
    let replaced = Array(entries.scalars[4...])
    let projected = frames.scalars
    #expect(
      stride(from: 0, to: 8, by: 2).contains { place in
        abs(replaced[0] - projected[place]) < 1e-3 && abs(replaced[1] - projected[place + 1]) < 1e-3
      }, "\(replaced) is no projected frame")
    expectClose(
      entries.sliced(axis: 0, 0..<2), Tensor([1, 0, 0, 1], shape: [2, 2]), relative: 1e-4)
    #expect(try fit.advance(on: frames).codes[0].contains(2), "it has its frame from then on")
  }

  /// An entry that has a frame every now and then stays.
  @Test func anEntryThatIsUsedNowAndThenStays() throws {
    var config = config
    (config.staleSteps, config.learningRate) = (3, 0.000_001)
    let right = Tensor([3, 0.1, 2, -0.1], shape: [2, 2])
    let left = Tensor([-3, -3.1, 2, -0.1], shape: [2, 2])
    var fit = ProjectedQuantizerFit(
      of: try plane(entries: [1, 0, -1, -1]), on: right, config, seed: 6)
    for step in 0..<12 { try fit.advance(on: step % 3 == 2 ? left : right) }
    expectClose(
      fit.quantizer.levels[0].entries, Tensor([1, 0, -1, -1], shape: [2, 2]), relative: 1e-3)
  }

  @Test func theSeedDecides() throws {
    let frames = sounds(64, of: 4)
    let fits = try [UInt64(1), 1, 2].map { seed in
      var fit = try ProjectedQuantizerFit(to: frames, config, seed: seed)
      for _ in 0..<5 { try fit.advance() }
      return fit.quantizer.state.flatMap(\.tensor.scalars)
    }
    #expect(fits[0] == fits[1] && fits[0] != fits[2])
  }

  private static func fitted() -> [Float] {
    var config = ProjectedQuantizer.Config()
    (config.codebooks, config.codes, config.staleSteps) = (2, 300, 2)
    config.batchFrames = 700
    let frames = Tensor.normal([900, 40], seed: 9)
    guard var fit = try? ProjectedQuantizerFit(to: frames, config, seed: 3) else { return [] }
    for _ in 0..<4 { guard (try? fit.advance()) != nil else { return [] } }
    return fit.quantizer.state.flatMap(\.tensor.scalars)
  }

  @Test func anyThreadsSameBits() async {
    await #expect(processExitsWith: .success) {
      Cores.count = 1
      let single = ProjectedQuantizerTests.fitted()
      #expect(single.count > 1_000)
      for threads in [2, 3, 7] {
        Cores.count = threads
        #expect(ProjectedQuantizerTests.fitted() == single)
      }
    }
  }

  @Test func framesThatCannotBeFitted() throws {
    let few = Tensor.normal([6, 2], seed: 1)
    #expect(throws: QuantizerError.tooFewFrames(frames: 6, codes: 7)) {
      try ProjectedQuantizerFit(to: few, config, seed: 1)
    }
    #expect(throws: QuantizerError.constant) {
      try ProjectedQuantizerFit(to: .ones([9, 2]), config, seed: 1)
    }
    var bad = [Float](repeating: 0, count: 18)
    bad[7] = .nan
    #expect(throws: QuantizerError.notFinite(frame: 3, channel: 1)) {
      try ProjectedQuantizerFit(to: Tensor(bad, shape: [9, 2]), config, seed: 1)
    }
    var fast = config
    fast.learningRate = 1e30
    #expect {
      var fit = try ProjectedQuantizerFit(to: sounds(40, of: 4), fast, seed: 1)
      for _ in 0..<5 { try fit.advance() }
    } throws: {
      if case QuantizerError.diverged = $0 { true } else { false }
    }
  }
}
