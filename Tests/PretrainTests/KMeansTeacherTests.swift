import Audio
import Foundation
import Pretrain
import Tensor
import Testing

/// A collection of tones and of noise, clustered.
@Suite final class KMeansTeacherTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("etude-pretrain-\(UUID().uuidString)")
  private let audio: DecodedAudio
  private var config = KMeans.Config()

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for file in 0..<3 {
      let samples = Self.toneThenNoise(pitch: 220 * Double(file + 1), seed: UInt64(file))
      try AudioFile.write(
        samples, sampleRate: 8_000, to: folder.appendingPathComponent("\(file).wav").path)
    }
    audio = try DecodedAudio(
      Manifest.scan(folder.path).manifest, sampleRate: 8_000, scratchFolder: folder.path)
    (config.clusters, config.restarts) = (4, 2)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// One second of each.
  private static func toneThenNoise(pitch: Double, seed: UInt64) -> [Float] {
    var stream = RandomStream(seed: seed, purpose: .corpus)
    return (0..<16_000).map { n in
      n < 8_000
        ? 0.5 * Float(sin(2 * .pi * pitch * Double(n) / 8_000)) : 0.1 * stream.nextNormal()
    }
  }

  private func teacher(
    _ config: KMeans.Config, of kind: FeatureKind = .mfcc39, fitFrames: Int = 200_000,
    subtractingMean: Bool = false, seed: UInt64 = 1, progress: ProgressHandler? = nil
  ) throws -> KMeansTeacher {
    try KMeansTeacher(
      fitting: config, to: FrontEndFrames(kind, sampleRate: 8_000, frameRate: 50), of: audio,
      fitFrames: fitFrames, subtractingMean: subtractingMean, seed: seed, progress: progress)
  }

  private func codes(_ teacher: KMeansTeacher, _ file: Int) throws -> [Int32] {
    let codes = try teacher.codes(of: file, in: audio)
    #expect(codes.shape[0] == 1)
    return codes.integers
  }

  private func samples(_ file: Int) -> [Float] {
    audio.crop(file: file, start: 0, length: audio.samples(of: file))
  }

  @Test func codesTellToneFromNoise() throws {
    let teacher = try teacher(config)
    #expect(teacher.codebookSizes == [4])
    for file in 0..<3 {
      let codes = try codes(teacher, file)
      #expect((98...100).contains(codes.count))
      let (tone, noise) = (Set(codes[5..<44]), Set(codes[55..<95]))
      #expect(tone.isDisjoint(with: noise), "\(codes)")
      #expect(tone.count == 1, "a steady tone is one code: \(codes)")
    }
  }

  /// The kept clusters say the same of the same features.
  @Test(arguments: [FeatureKind.mfcc39, .logmel128])
  func theKeptClustersAreTheTeacher(features: FeatureKind) throws {
    let teacher = try teacher(config, of: features)
    let kept = try KMeans(tensors: teacher.tensors, file: "teacher")
    let frontEnd = try features.frontEnd(sampleRate: 8_000, frameRate: 50)
    #expect(kept.width == frontEnd.width)
    let codes = try codes(teacher, 1)
    #expect(try codes == kept.assign(frontEnd(samples(1))))
    #expect(Set(codes).count > 1)
  }

  @Test func theSeedDecides() throws {
    config.clusters = 12
    let (a, b) = (try teacher(config), try teacher(config))
    #expect(a.tensors["centroids"]!.scalars == b.tensors["centroids"]!.scalars)
    let c = try teacher(config, seed: 2)
    #expect(a.tensors["centroids"]!.scalars != c.tensors["centroids"]!.scalars)
  }

  /// With a share of the frames the clusters differ, but every frame still has a code.
  @Test func fitsOnAShareAndLabelsAll() throws {
    let few = try teacher(config, fitFrames: 60)
    let all = try teacher(config)
    #expect(few.tensors["centroids"]!.scalars != all.tensors["centroids"]!.scalars)
    #expect(try codes(few, 0).count == codes(all, 0).count)
    // The mean squared distance is that of the frames fitted: 60 of about 300.
    let ratio = few.tensors["inertia"]!.scalar / all.tensors["inertia"]!.scalar
    #expect((0.05..<0.6).contains(ratio), "\(ratio)")
  }

  @Test func moreClustersThanFrames() {
    config.clusters = 1_000
    #expect { try teacher(config) } throws: {
      if case KMeansError.tooFewFrames(_, clusters: 1_000) = $0 { true } else { false }
    }
  }

  @Test func ratesThatFitNoFrame() {
    #expect(throws: FeatureError.self) {
      try FrontEndFrames(.logmel128, sampleRate: 8_000, frameRate: 33)
    }
  }

  /// Ten frames of three files: those of one file are four times as many.
  @Test func hearsNoMoreFilesThanItNeeds() throws {
    config.clusters = 3
    var heard: [Int] = []
    _ = try teacher(config, fitFrames: 10) { done, total in heard.append(done * 10 + total) }
    #expect(heard == [1, 11])
    heard = []
    _ = try teacher(config, fitFrames: 60) { done, total in heard.append(done * 10 + total) }
    #expect(heard == [3, 13, 23, 33])
  }

  /// Louder by a constant, MFCC differ by one vector; without the mean they do not.
  @Test func withoutTheMeanLevelIsNotHeard() throws {
    let teacher = try teacher(config, subtractingMean: true)
    let louder = FileManager.default.temporaryDirectory
      .appendingPathComponent("etude-louder-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: louder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: louder) }
    try AudioFile.write(
      samples(0).map { $0 / 2 }, sampleRate: 8_000, encoding: .float32,
      to: louder.appendingPathComponent("0.wav").path)
    let other = try DecodedAudio(
      Manifest.scan(louder.path).manifest, sampleRate: 8_000, scratchFolder: louder.path)
    #expect(try teacher.codes(of: 0, in: other).integers == codes(teacher, 0))
  }
}
