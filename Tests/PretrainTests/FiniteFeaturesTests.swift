import Audio
import Foundation
import Models
import MusicSupport
import Pretrain
import Synchronization
import Tensor
import TestSupport
import Testing

/// Sound samples can have features that are not finite; these are written nowhere, and no code stands for
/// them.
@Suite struct FiniteFeaturesTests {
  /// A tone with one sample far beyond full scale at 0.5 s.
  private let loud: [Float] = {
    var samples = tone(seconds: 1, pitch: 300)
    samples[8_000] = 1e20
    return samples
  }()
  private static let reason = "its features are not finite at 0.4"

  /// Two files, the second with that sample, as a source may have them that does not look.
  private struct LoudFiles: AudioSource {
    let sampleRate = 16_000
    let files = ["0.wav", "loud.wav"].map { Manifest.Entry(path: $0, samples: 16_000) }
    let skipped: [Manifest.Skipped] = []
    let loud: [Float]

    func crop(file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
      let samples = file == 1 ? loud : tone(seconds: 1, pitch: 200)
      _ = buffer.update(fromContentsOf: samples[start..<start + buffer.count])
    }
  }

  /// A file on the disk is refused for its samples already.
  @Test func aStoreLeavesTheFileOut() throws {
    let folder = try FeatureFolder(pieces: 1)
    try folder.write(loud, to: "loud.wav")
    let notices = Mutex<[String]>([])
    let manifest = folder.manifest(["0.wav", "loud.wav"])
    let summary = try folder.extraction(of: manifest).run { stage in
      guard case .skipped(let file, let reason) = stage else { return }
      notices.withLock { $0.append("\(file): \(reason)") }
    }
    #expect(summary.files == 1 && summary.skipped == 1)
    let notice = notices.withLock { $0.joined() }
    #expect(
      notice.hasPrefix("loud.wav: a sample at 0.5 s is 1e+20, where full scale is 1"), "\(notice)")
  }

  @Test func aReaderNamesTheFile() throws {
    let audio = LoudFiles(loud: loud)
    let frontEnd = try FeatureKind.mel.frontEnd(sampleRate: 16_000, frameRate: 100)
    #expect(try frontEnd.features(of: audio, file: 0).firstNonFinite == nil)
    let text = complaint { _ = try frontEnd.features(of: audio, file: 1) }
    #expect(text.hasPrefix("loud.wav: \(Self.reason)"), "\(text)")
    #expect(text.hasSuffix("far beyond full scale; repair or remove it"), "\(text)")
  }

  @Test func aTeacherNamesTheFile() throws {
    var config = KMeans.Config()
    config.clusters = 3
    let frames = try FrontEndFrames(.mel, sampleRate: 16_000, frameRate: 100)
    let text = complaint {
      _ = try KMeansTeacher(fitting: config, to: frames, of: LoudFiles(loud: loud), seed: 1)
    }
    #expect(text.hasPrefix("loud.wav: \(Self.reason)"), "\(text)")
  }

  /// A model whose states are not finite teaches nothing.
  @Test func hiddenStatesNameFileAndLayer() throws {
    let folder = try FeatureFolder(pieces: 1)
    var encoder = try AudioEncoder.random(.tiny)
    encoder.update { place, tensor in
      guard place.path == "transformer.layers.1.feedForward.inner.weight" else { return }
      tensor.update { $0[5] = 3e38 }
    }
    let audio = try DecodedAudio(
      folder.manifest(pieces: 1), sampleRate: encoder.config.sampleRate,
      scratchFolder: folder.path)
    let frames = try HiddenFrames(encoder, layer: 2)
    let text = complaint { _ = try frames.frames(of: 0, in: audio) }
    #expect(text.hasPrefix("0.wav: layer 2 yields a state that is not finite"), "\(text)")
  }

  @Test func aStoreHoldsNone() throws {
    let folder = try FeatureFolder()
    let frontEnd = try FeatureKind.chroma12.frontEnd(sampleRate: 24_000)
    let format = FeatureFormat(of: .chroma12, by: frontEnd)
    let writer = try FeatureStoreWriter(at: folder.store, format: format)
    var features = Tensor.zeros([3, 12])
    features.update { $0[17] = .infinity }
    let text = complaint {
      try writer.append("a.wav", features: features, samples: 960, audioHash: 1)
    }
    #expect(
      text.hasPrefix("\(folder.store): the features of 'a.wav' hold inf at [1, 5]"), "\(text)")
  }

  @Test(arguments: [Float.nan, .infinity])
  func aFrameThatIsNotFiniteHasNoCode(value: Float) throws {
    let clusters = KMeans(centroids: Tensor([0, 0, 5, 5], shape: [2, 2]), inertia: 0)
    let x = Tensor([0, 0, 5, value, 5, 5], shape: [3, 2])
    #expect(throws: KMeansError.notFinite(frame: 1, channel: 1)) { try clusters.assign(x) }
  }

  /// Squares of 1e20 are beyond float32: every distance would be the same.
  @Test func aFrameTooFarAwayHasNoCode() throws {
    let clusters = KMeans(centroids: Tensor([0, 0, 5, 5], shape: [2, 2]), inertia: 0)
    let x = Tensor([0, 0, 5, 5, 1e20, 5], shape: [3, 2])
    #expect(throws: KMeansError.tooFar(frame: 2)) { try clusters.assign(x) }
    var config = KMeans.Config()
    (config.clusters, config.restarts) = (2, 2)
    #expect(throws: KMeansError.tooFar(frame: 2)) {
      try KMeans.fit(x * 1e10, config: config, seed: 1)
    }
  }

  /// One NaN in any place of a long tensor is found.
  @Test func theFirstIsFound() {
    var x = Tensor.ones([97, 131])
    #expect(x.firstNonFinite == nil)
    for place in [12_706, 9_000, 4_096, 4_095, 1, 0] {
      x.update { $0[place] = place % 2 == 0 ? .nan : -.infinity }
      #expect(x.firstNonFinite == place)
      #expect(x.cast(to: .bfloat16).firstNonFinite == place)
    }
    #expect(Tensor([.greatestFiniteMagnitude, -.greatestFiniteMagnitude]).firstNonFinite == nil)
    #expect(Tensor([Int32.max], shape: [1]).firstNonFinite == nil)
  }
}
