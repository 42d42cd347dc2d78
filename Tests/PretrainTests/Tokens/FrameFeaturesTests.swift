import Foundation
import Models
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing

/// What tokens are computed from.
@Suite struct FrameFeaturesTests {
  /// A frame every 320 samples at 8 kHz.
  private var encoder: AudioEncoder.Config {
    var config = AudioEncoder.Config()
    (config.sampleRate, config.frontEnd.strides) = (8_000, [10, 32])
    (config.frontEnd.kernels, config.frontEnd.channels) = ([10, 32], [4, 4])
    return config
  }

  private var pitches: PitchFrames {
    var pitches = PitchFrames()
    (pitches.bins, pitches.binsPerOctave, pitches.lowestFrequency) = (96, 24, 130.8128)
    return pitches
  }

  private var chroma: ChromaFrames {
    var chroma = ChromaFrames()
    chroma.spectrum = pitches
    return chroma
  }

  private func tokens(_ features: [StreamFeatures]) -> TokenPrediction.Config {
    var config = TokenPrediction.Config()
    config.streams = features.enumerated().map { number, features in
      var stream = TokenStream()
      (stream.name, stream.features) = ("s\(number)", features)
      return stream
    }
    return config
  }

  private func target(_ features: [StreamFeatures], _ samples: [Float]) throws -> Tensor {
    let target: any CropTarget = try #require(try tokens(features).target(for: encoder))
    return target(samples)
  }

  /// A tone of 440 Hz, then one of 523.25 Hz.
  private var tones: [Float] {
    (0..<16_000).map { n in
      let frequency = n < 8_000 ? 440 : 523.251
      return Float(0.3 * sin(2 * .pi * frequency * Double(n) / 8_000))
    }
  }

  @Test func chromaNamesThePitchClass() throws {
    var features = StreamFeatures()
    features.chroma = chroma
    let chroma = try target([features], tones)
    #expect(chroma.shape == [50, 12])
    let strongest = chroma.argmax(axis: 1).integers
    #expect(strongest[5..<20].allSatisfy { $0 == 9 }, "A: \(strongest)")
    #expect(strongest[30..<45].allSatisfy { $0 == 0 }, "C: \(strongest)")
  }

  @Test func everyFrameOfChromaIsStandardised() throws {
    var features = StreamFeatures()
    features.chroma = chroma
    let loud = try target([features], tones)
    for frame in 0..<50 {
      let row = loud.sliced(axis: 0, frame..<frame + 1).scalars.map(Double.init)
      let mean = row.reduce(0, +) / 12
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 12
      #expect(abs(mean) < 1e-5 && abs(variance - 1) < 1e-3)
    }
  }

  @Test func waveformFramesAreTheSamples() throws {
    var features = StreamFeatures()
    features.waveform = WaveformFrames()
    (features.waveform!.samples, features.stack) = (80, 4)
    let samples = (0..<1_600).map(Float.init)
    let frames = try target([features], samples)
    #expect(frames.shape == [5, 320])
    #expect(frames.scalars == samples)
  }

  /// Four frames side by side are those of the same features four times as often.
  @Test func stackedFramesFollowEachOther() throws {
    var features = StreamFeatures()
    features.mel = MelFrames()
    (features.mel!.bands, features.mel!.fftLength, features.stack) = (10, 256, 4)
    let stacked = try target([features], tones)
    #expect(stacked.shape == [50, 40])
    let each = features.mel!.extractor(
      sampleRate: 8_000, hopLength: 80, isNormalized: false)(tones)
    #expect(stacked.scalars == Array(each.scalars.prefix(2_000)))
  }

  /// The mean over a frame and its neighbours within half a stretch, as many as there are at the ends.
  @Test func averagesAreThoseOfNeighbours() throws {
    var plain = StreamFeatures()
    plain.waveform = WaveformFrames()
    plain.waveform!.samples = 320
    var slow = plain
    slow.averageSeconds = 0.16  // five frames
    let samples = (0..<2_240).map { Float($0 / 320) }
    let both = try target([plain, slow], samples)
    #expect(both.shape == [7, 640])
    let means = (0..<7).map { both.scalars[$0 * 640 + 320] }
    #expect(means == [1, 1.5, 2, 3, 4, 4.5, 5])
  }

  /// Over three frames; at the ends over two.
  @Test func deviationsAreThoseOfNeighbours() throws {
    var slow = StreamFeatures()
    slow.waveform = WaveformFrames()
    (slow.waveform!.samples, slow.averageSeconds, slow.average) = (320, 0.08, .deviation)
    let frames = try target([slow], steps(1, 4, 4, -2, -2))
    let squares: [Float] = (0..<5).map { frames.scalars[$0 * 320] * frames.scalars[$0 * 320] }
    for (found, wanted) in zip(squares, [2.25, 2, 8, 8, 0] as [Float]) {
      #expect(abs(found - wanted) < 1e-4)
    }
  }

  /// A waveform that keeps each level for a frame of 320 samples.
  private func steps(_ levels: Float...) -> [Float] {
    levels.flatMap { [Float](repeating: $0, count: 320) }
  }

  /// Rises are taken of neighbouring frames before they are averaged, and the first frame has none.
  @Test func onlyWhatGrowsRises() throws {
    var rising = StreamFeatures()
    rising.waveform = WaveformFrames()
    (rising.waveform!.samples, rising.rises) = (320, true)
    var slow = rising
    slow.averageSeconds = 0.08
    let both = try target([rising, slow], steps(5, 7, 4, 4, 10))
    let plain: [Float] = (0..<5).map { both.scalars[$0 * 640] }
    let means: [Float] = (0..<5).map { both.scalars[$0 * 640 + 320] }
    #expect(plain == [0, 2, 0, 0, 6])
    #expect(means == [1, Float(2.0 / 3), Float(2.0 / 3), 2, 3])
    let one = try target([rising], steps(5))
    #expect(one.scalars.allSatisfy { $0 == 0 })
  }

  @Test func streamsOfTheSameFeaturesShareColumns() throws {
    var mel = StreamFeatures()
    mel.mel = MelFrames()
    (mel.mel!.bands, mel.mel!.fftLength) = (10, 256)
    var spectrum = StreamFeatures()
    spectrum.constantQ = pitches
    var folded = StreamFeatures()
    folded.chroma = chroma
    let row = try target([mel, spectrum, mel, folded], tones)
    #expect(row.shape == [50, 10 + 96 + 12])
    #expect(tokens([mel, spectrum, mel, folded]).cost(width: 1, codebooks: []).target == 118)
  }

  @Test func refusesFeaturesThatDoNotFit() throws {
    var features = StreamFeatures()
    features.constantQ = PitchFrames()
    #expect(throws: InvalidSetting.self) { try tokens([features]).validate(for: encoder) }
    features.constantQ = pitches
    try tokens([features]).validate(for: encoder)
    features.stack = 3
    #expect(throws: InvalidSetting.self) { try tokens([features]).validate(for: encoder) }
    features = StreamFeatures()
    features.waveform = WaveformFrames()
    #expect(throws: InvalidSetting.self) { try tokens([features]).validate(for: encoder) }
    features.mel = MelFrames()
    #expect(throws: InvalidSetting.self) { try features.validate() }
    features = StreamFeatures()
    features.average = .deviation
    #expect(throws: InvalidSetting.self) { try features.validate() }
  }
}
