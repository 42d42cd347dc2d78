import Models
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing

@Suite struct WindowMaskTests {
  private func mask(_ edit: (inout WindowMask.Config) -> Void = { _ in }) -> WindowMask {
    var config = WindowMask.Config()
    edit(&config)
    return WindowMask(config, frameRate: 25)
  }

  private func draw(_ mask: WindowMask, frames: Int, step: Int = 0, rows: Int = 4) throws
    -> MaskedFrames
  {
    try mask.draw(
      rows: rows, frames: frames, seed: 3, step: step, samples: Array(0..<rows))
  }

  /// 0.4 s are ten frames at 25 a second: whole windows, and what is left over is never masked.
  @Test func windowsAreWhole() throws {
    for row in try draw(mask(), frames: 128, rows: 50).indices {
      #expect(row.allSatisfy { $0 < 120 })
      let windows = Dictionary(grouping: row) { $0 / 10 }
      #expect(!windows.isEmpty && windows.values.allSatisfy { $0.count == 10 })
    }
  }

  @Test func sixOfTenWindowsAreMasked() throws {
    let masked = try draw(mask(), frames: 1_000, rows: 40)
    #expect(abs(Double(masked.count) / 40_000 - 0.6) < 0.03)
  }

  /// With another fill the last window may be shorter.
  @Test func theLastWindowMayBeCut() throws {
    let rows = try draw(mask { $0.fill = .frameNoise }, frames: 128, rows: 50).indices
    let ends = rows.filter { $0.contains(127) }
    #expect(ends.count > 15 && ends.allSatisfy { $0.contains(120) && $0.count % 10 == 8 })
  }

  @Test func everyRowHasAMaskedWindow() throws {
    let rare = mask { $0.probability = 0.001 }
    let rows = try draw(rare, frames: 100, rows: 200).indices
    #expect(rows.allSatisfy { $0.count >= 10 })
    #expect(Set(rows.map { $0[0] }).count > 5, "not always the same window")
  }

  @Test func drawsDependOnStepAndSampleAlone() throws {
    let mask = mask()
    let all = try draw(mask, frames: 200)
    #expect(try draw(mask, frames: 200).indices == all.indices)
    #expect(try draw(mask, frames: 200, step: 1).indices != all.indices)
    let one = try mask.draw(rows: 1, frames: 200, seed: 3, step: 0, samples: [2])
    #expect(one.indices[0] == all.indices[2])
  }

  /// A crop of one window would be masked as a whole in every step.
  @Test(arguments: WindowMask.Fill.allCases)
  func refusesCropsOfOneWindow(fill: WindowMask.Fill) throws {
    let mask = mask { $0.fill = fill }
    for frames in [9, 10] {
      #expect(throws: MaskingError.rowTooShort(row: 0, frames: frames, needed: 11)) {
        try draw(mask, frames: frames)
      }
    }
    #expect(try draw(mask, frames: 11, rows: 50).indices.contains { $0.count < 11 })
  }

  @Test func numbersOfSpansAreWithoutEffectOnWindows() throws {
    var setting = MaskSetting()
    setting.windows = WindowMask.Config()
    try setting.validate()
    setting.spanFrames = 5
    #expect(throws: InvalidSetting.self) { try setting.validate() }
    setting.windows = nil
    try setting.validate()
  }
}

/// What the model gets in place of masked frames.
@Suite struct MaskFillingTests {
  private let tiny = TinyPretraining {
    $0.objective.cqt = SpectrumPrediction.Config()
    $0.objective.cqt!.bins = 7
  }

  private func loss(_ filling: MaskFilling, _ audio: Tensor? = nil) throws -> Float {
    var batch = tiny.batch
    if let audio { batch.audio = audio }
    let masked = MaskedFrames(
      frames: tiny.frames, indices: tiny.masked.indices, filling: filling)
    let model = try tiny.model()
    return try model.loss(batch, masked: masked, teacher: nil, in: .evaluating()).total.scalar
  }

  private var streams: [RandomStream] {
    (0..<2).map { RandomStream(seed: 1, purpose: .masking, sample: $0) }
  }

  /// Frames of ten samples: what the masked ones were does not matter, what the others are does.
  @Test func maskedSamplesAreReplaced() throws {
    let filling = MaskFilling.waveformNoise(deviation: 0.1, streams)
    let plain = try loss(filling)
    func changed(frame: Int) throws -> Float {
      var audio = tiny.batch.audio
      audio.update { x in for n in 0..<10 { x[frame * 10 + n] += 1 } }
      return try loss(filling, audio)
    }
    #expect(try changed(frame: 2) == plain)
    #expect(try changed(frame: 7) != plain)
    #expect(try loss(.waveformNoise(deviation: 0.2, streams)) != plain)
    #expect(try loss(filling) == plain, "the same stream draws the same noise")
  }

  @Test func fillsDiffer() throws {
    let losses = try [
      loss(.embedding), loss(.waveformNoise(deviation: 0.1, streams)),
      loss(.frameNoise(deviation: 0.1, streams)), loss(.shuffledFrames(streams)),
    ]
    #expect(Set(losses).count == 4)
  }

  /// Where all frames are alike, other frames are no mask.
  @Test func shuffledFramesAreFramesOfTheRow() throws {
    let constant = Tensor.ones([2, 205])
    let none = MaskedFrames(frames: tiny.frames, indices: [[], []], filling: .shuffledFrames([]))
    var batch = tiny.batch
    batch.audio = constant
    let hidden = try tiny.model().encoder(constant, in: .evaluating())
    #expect(hidden.shape[1] == tiny.frames && none.count == 0)
    #expect(try loss(.shuffledFrames(streams), constant) != loss(.embedding, constant))
  }
}
