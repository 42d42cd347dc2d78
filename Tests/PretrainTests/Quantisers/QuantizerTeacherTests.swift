import Audio
import Files
import Foundation
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing

/// Frames side by side, and quantisers of them as label teachers and as files.
@Suite final class QuantizerTeacherTests {
  private let folder: TestFolder
  private let audio: DecodedAudio

  init() throws {
    folder = try TestFolder()
    for (file, pitch) in [220.0, 440, 660].enumerated() {
      var stream = RandomStream(seed: UInt64(file), purpose: .corpus)
      let samples = (0..<12_000).map { n in
        let tone = n < 6_000 ? 0.5 * Float(sin(2 * .pi * pitch * Double(n) / 8_000)) : 0
        return tone + 0.02 * Float(file + 1) * stream.nextNormal()
      }
      try AudioFile.write(
        samples, sampleRate: 8_000, encoding: .float32, to: folder.path("\(file).wav"))
    }
    audio = try DecodedAudio(
      Manifest.scan(folder.url.path, minimumSeconds: 0.1).manifest, sampleRate: 8_000,
      scratchFolder: folder.url.path)
  }

  private func frames(
    ratio: Int = 1, stack: Int = 1, normalizing: Bool = false
  ) throws -> StackedFrames {
    var config = StackedFrames.Config()
    (config.featureRate, config.stack) = (50 * Double(ratio), stack)
    return try StackedFrames(
      config, rate: LabelRate(sampleRate: 8_000, hop: 160), normalizesWaveform: normalizing)
  }

  private var config: ProjectedQuantizer.Config {
    var config = ProjectedQuantizer.Config()
    (config.codebooks, config.codes, config.projectedWidth) = (2, 8, 4)
    (config.steps, config.batchFrames, config.staleSteps) = (30, 32, 5)
    config.learningRate = 0.01
    return config
  }

  /// MuQ's: four frames of a label one after the other, the first of them slowest.
  @Test func asManyFramesAsALabelHas() throws {
    let single = try frames(ratio: 4).frontEndFeatures(of: audio)
    let stacked = try frames(ratio: 4, stack: 4).frames(of: 0, in: audio)
    #expect(stacked.shape == [(single.shape[0] + 3) / 4, 512])
    #expect(stacked.scalars[512..<1024] == single.scalars[512..<1024])
  }

  /// Three frames around each label's own; the ends are repeated.
  @Test func neighboursOfEachFrame() throws {
    let single = try frames().frames(of: 0, in: audio)
    let stacked = try frames(stack: 3).frames(of: 0, in: audio)
    let count = single.shape[0]
    #expect(stacked.shape == [count, 384])
    let rows = { (tensor: Tensor, row: Int, width: Int) in
      Array(tensor.scalars[row * width..<(row + 1) * width])
    }
    #expect(rows(stacked, 5, 384) == (4...6).flatMap { rows(single, $0, 128) })
    #expect(rows(stacked, 0, 384) == [0, 0, 1].flatMap { rows(single, $0, 128) })
    let last = count - 1
    #expect(
      rows(stacked, last, 384) == [last - 1, last, last].flatMap { rows(single, $0, 128) })
  }

  /// 16000 / (16000 / 960) is less than 960 in Double, and 250 / (16000 / 960) less than 15.
  @Test(arguments: [(nil, 1), (250.0, 15)] as [(Double?, Int)])
  func anyStrideHasFeatureFrames(featureRate: Double?, ratio: Int) throws {
    var config = StackedFrames.Config()
    config.featureRate = featureRate
    let stacked = try StackedFrames(
      config, rate: LabelRate(sampleRate: 16_000, hop: 960), normalizesWaveform: false)
    #expect(stacked.ratio == ratio)
    #expect(stacked([Float](repeating: 0.1, count: 9_600)).shape == [11, 128])
  }

  /// As the model reads the file: twice as loud is the same.
  @Test func aNormalisedFileHasNoLevel() throws {
    let samples = audio.crop(file: 0, start: 0, length: 12_000)
    let louder = try TestFolder()
    try AudioFile.write(
      samples.map { $0 / 4 }, sampleRate: 8_000, encoding: .float32, to: louder.path("0.wav"))
    let other = try DecodedAudio(
      Manifest.scan(louder.url.path, minimumSeconds: 0.1).manifest, sampleRate: 8_000,
      scratchFolder: louder.url.path)
    let frames = try frames(normalizing: true)
    let (a, b) = (try frames.frames(of: 0, in: audio), try frames.frames(of: 0, in: other))
    expectClose(a, b, relative: 1e-4)
    let plain = try self.frames()
    #expect(
      try plain.frames(of: 0, in: audio).scalars != plain.frames(of: 0, in: other).scalars)
  }

  @Test func ratesThatDoNotFit() {
    for rate in [75.0, 25, 33, 350] {
      var config = StackedFrames.Config()
      config.featureRate = rate
      #expect(throws: InvalidSetting.self) {
        try StackedFrames(
          config, rate: LabelRate(sampleRate: 8_000, hop: 160), normalizesWaveform: false)
      }
    }
  }

  @Test func aFittedTeacherLabelsEveryFrame() throws {
    var progress: [Int] = []
    let frames = try frames(stack: 3)
    let teacher = try QuantizerTeacher(
      fitting: config, to: frames, of: audio, seed: 1, progress: { progress.append(100 * $0 + $1) })
    #expect(progress == (0...33).map { 100 * $0 + 33 })
    #expect(teacher.codebookSizes == [8, 8])
    let codes = try teacher.codes(of: 1, in: audio)
    #expect(codes.shape == [2, 76])
    let words = (0..<76).map { [codes.integers[$0], codes.integers[76 + $0]] }
    func mostFrequent(_ range: Range<Int>) -> [Int32] {
      let counts = Dictionary(words[range].map { ($0, 1) }, uniquingKeysWith: +)
      return counts.max { ($0.value, $0.key[0]) < ($1.value, $1.key[0]) }!.key
    }
    #expect(mostFrequent(4..<34) != mostFrequent(42..<72), "tone and noise: \(words)")
  }

  private func file(
    _ teacher: QuantizerTeacher, metadata: [String: String] = [:]
  ) throws -> URL {
    let url = folder.url.appendingPathComponent("teacher-0.safetensors")
    try SafeTensors.write(
      teacher.tensors, to: url, metadata: teacher.metadata.merging(metadata) { $1 })
    return url
  }

  @Test func theFileIsTheTeacher() throws {
    let fitted = try WhiteningKind.allCases.map {
      try QuantizerTeacher(
        fitting: config, whitening: $0, to: frames(stack: 2), of: audio, seed: 1)
    }
    let random = QuantizerTeacher(
      StoredQuantizer(
        RandomProjectionQuantizer(width: 128, codebooks: 2, codes: 9, projectedWidth: 4, seed: 1),
        of: try frames(normalizing: true)))
    for teacher in fitted + [random] {
      let again = QuantizerTeacher(try StoredQuantizer(contentsOf: try file(teacher)))
      #expect(again.metadata == teacher.metadata)
      let codes = try (again.codes(of: 2, in: audio), teacher.codes(of: 2, in: audio))
      #expect(codes.0.integers == codes.1.integers)
    }
  }

  @Test(arguments: [
    ("quantizer", "kmeans", "quantizer: is kmeans"), ("features", "wavelets", "features"),
    ("hop", "0", "hop: is 0"), ("stack", "2", "256 channels"), ("stack", "257", "stack"),
    ("sample_rate", "many", "sample_rate: is many"), ("ratio", "9", "whole number of samples"),
    ("normalizes_waveform", "yes", "normalizes_waveform"),
  ])
  func anotherFileIsRefused(key: String, value: String, words: String) throws {
    let teacher = QuantizerTeacher(
      StoredQuantizer(
        RandomProjectionQuantizer(width: 128, codebooks: 2, codes: 9, projectedWidth: 4, seed: 1),
        of: try frames()))
    let url = try file(teacher, metadata: [key: value])
    let line = complaint { _ = try StoredQuantizer(contentsOf: url) }
    #expect(line.hasPrefix(url.path) && line.contains(words), "\(line)")
  }

  @Test func aTensorThatIsMissingIsNamed() throws {
    let teacher = try QuantizerTeacher(fitting: config, to: frames(), of: audio, seed: 1)
    var tensors = teacher.tensors
    tensors["levels.1.output.gain"] = nil
    let url = folder.url.appendingPathComponent("broken.safetensors")
    try SafeTensors.write(tensors, to: url, metadata: teacher.metadata)
    #expect(complaint { _ = try StoredQuantizer(contentsOf: url) }.contains("levels.1.output.gain"))
    // Shapes that do not belong together make no larger tensors.
    tensors = teacher.tensors
    tensors["levels.0.entries"] = .ones([1, 100_000])
    try SafeTensors.write(tensors, to: url, metadata: teacher.metadata)
    #expect(complaint { _ = try StoredQuantizer(contentsOf: url) }.contains("levels.0.input.gain"))
    tensors = teacher.tensors
    tensors["statistics.deviation"] = .zeros([128])
    try SafeTensors.write(tensors, to: url, metadata: teacher.metadata)
    #expect(complaint { _ = try StoredQuantizer(contentsOf: url) }.contains("not positive"))
    tensors = teacher.tensors
    tensors["more"] = .zeros([1])
    try SafeTensors.write(tensors, to: url, metadata: teacher.metadata)
    #expect(complaint { _ = try StoredQuantizer(contentsOf: url) }.contains("'more'"))
    try SafeTensors.write(["x": .ones([2])], to: url)
    #expect(complaint { _ = try StoredQuantizer(contentsOf: url) }.contains("not a quantiser"))
  }
}

extension StackedFrames {
  /// The front end's frames, none stacked.
  fileprivate func frontEndFeatures(of audio: any AudioSource) throws -> Tensor {
    try kind.frontEnd(sampleRate: rate.sampleRate, frameRate: frameRate * Double(ratio))
      .features(of: audio, file: 0)
  }
}
