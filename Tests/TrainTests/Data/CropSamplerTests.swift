import Audio
import Foundation
import Models
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// Crops of audio whose every sample says where it stands.
@Suite struct CropSamplerTests {
  private static let stride = 160
  private let folder: TestFolder
  private let lengths = [20_000, 5_120, 11_111, 15_359]
  private var recipe = Recipe.tinyHuBERT

  init() throws {
    folder = try TestFolder()
    recipe.training.batchSize = 3
    for (file, length) in lengths.enumerated() {
      try write((0..<length).map { Self.value(file: file, sample: $0) }, to: "\(file).wav")
    }
  }

  private func write(_ samples: [Float], to name: String) throws {
    try AudioFile.write(
      samples, sampleRate: 8_000, encoding: .float32,
      to: folder.url.appendingPathComponent(name).path)
  }

  private func decoded() throws -> DecodedAudio {
    try DecodedAudio(
      Manifest.scan(folder.url.path, minimumSeconds: 0.1).manifest, sampleRate: 8_000,
      scratchFolder: folder.url.path, minimumSeconds: 0.64)
  }

  /// Exact in float32.
  private static func value(file: Int, sample: Int) -> Float {
    Float(file << 15 | sample + 1) / Float(1 << 18)
  }

  /// File and first sample of every row, after a check that the rows are unbroken.
  private func places(of batch: Batch) -> [(file: Int, start: Int)] {
    let length = batch.audio.shape[1]
    return (0..<batch.audio.shape[0]).map { row in
      let numbers = batch.audio.scalars[row * length..<(row + 1) * length]
        .map { Int($0 * Float(1 << 18)) }
      #expect(numbers == Array(numbers[0]..<numbers[0] + length), "the crop is one stretch")
      return (numbers[0] >> 15, numbers[0] & 0x7FFF - 1)
    }
  }

  /// A store in which the code of a frame is its number, and ten more in the second set; one code
  /// less than the encoder has frames, as a teacher with longer windows makes them.
  private func frameNumbers() -> LabelsInMemory {
    let codes = lengths.map { length in
      let frames = Int32((length - 210) / Self.stride)
      return [Array(0..<frames), Array(10..<frames + 10)]
    }
    return LabelsInMemory(codes)
  }

  @Test func cropsLieOnTheFrameGridWithTheirCodes() throws {
    let sampler = try CropSampler(
      TrainingMaterial(decoded(), labels: frameNumbers()), recipe: recipe)
    let frames = recipe.cropFrames
    #expect(frames == 31 && recipe.cropSamples == 5_120)
    var starts: Set<Int> = []
    for step in 0..<20 {
      let batch = try sampler.batch(step)
      #expect(batch.audio.shape == [3, 5_120] && batch.samples == Array(step * 3..<step * 3 + 3))
      #expect(batch.codes.count == 2 && batch.targets["cqt"] == nil)
      for (row, place) in places(of: batch).enumerated() {
        #expect(place.start % Self.stride == 0)
        starts.insert(place.start)
        let codes = Array(batch.codes[0][row * frames..<(row + 1) * frames])
        let first = Int32(place.start / Self.stride)
        // The one file that is a single crop lacks the code of its last frame.
        let last = place.file == 1 ? first + 29 : first + 30
        #expect(codes == (first..<first + 31).map { min($0, last) }, "file \(place.file)")
        #expect(batch.codes[1][row * frames] == first + 10)
      }
    }
    #expect(starts.count > 15, "places are drawn: \(starts)")
  }

  /// Every place of a file can be drawn, the first and the last too.
  @Test func placesReachBothEnds() throws {
    var recipe = recipe
    recipe.training.batchSize = 8
    let sampler = try CropSampler(TrainingMaterial(decoded()), recipe: recipe)
    var starts: Set<Int> = []
    for step in 0..<100 {
      for place in places(of: try sampler.batch(step)) where place.file == 2 {
        starts.insert(place.start / Self.stride)
      }
    }
    #expect(starts == Set(0...(11_111 - 5_120) / Self.stride))
  }

  @Test func anEpochVisitsEveryItemOnce() throws {
    let sampler = try CropSampler(TrainingMaterial(decoded()), recipe: recipe)
    let expected = [0: 3, 1: 1, 2: 2, 3: 2]
    #expect(sampler.count == 8)
    let files = try (0..<16).flatMap { places(of: try sampler.batch($0)).map(\.file) }
    var orders: Set<[Int]> = []
    for epoch in 0..<6 {
      let visited = Array(files[epoch * 8..<(epoch + 1) * 8])
      #expect(Dictionary(grouping: visited) { $0 }.mapValues(\.count) == expected)
      orders.insert(visited)
    }
    #expect(orders.count > 1, "every epoch has an order of its own")
  }

  /// Older runs go on in the order of their epochs: a list shuffled with the stream of seed and epoch.
  @Test func theFormerOrderIsAShuffledList() throws {
    let audio = try decoded()
    let sampler = try CropSampler(
      TrainingMaterial(audio, order: .shuffled), recipe: recipe)
    let files = try (0..<16).flatMap { places(of: try sampler.batch($0)).map(\.file) }
    let items = [0, 0, 0, 1, 2, 2, 3, 3]
    for epoch in 0..<6 {
      var stream = RandomStream(
        seed: UInt64(recipe.seed), purpose: .order, sample: epoch)
      let order = items.indices.shuffled(using: &stream)
      #expect(Array(files[epoch * 8..<(epoch + 1) * 8]) == order.map { items[$0] })
    }
  }

  /// Two crops in a row are of one file, each at a place of its own, and an epoch visits every file as often as before.
  @Test func severalCropsOfOneFileFollowEachOther() throws {
    var recipe = recipe
    (recipe.data.cropsPerFile, recipe.training.batchSize) = (2, 6)
    let sampler = try CropSampler(TrainingMaterial(try decoded()), recipe: recipe)
    let batches = try (0..<sampler.count / 6).map { try sampler.batch($0) }
    let crops = batches.flatMap { places(of: $0) }
    #expect(batches.flatMap(\.files) == crops.map(\.file))
    let single = try CropSampler(TrainingMaterial(try decoded()), recipe: self.recipe)
    #expect(sampler.count == 2 * single.count)
    let pairs = crops.indices.filter { $0 % 2 == 0 }.map { (crops[$0], crops[$0 + 1]) }
    #expect(pairs.allSatisfy { $0.file == $1.file })
    #expect(pairs.contains { $0.start != $1.start })
    #expect(Set(crops.map(\.file)).count == lengths.count)
  }

  @Test func theSeedAndTheStepDecide() throws {
    var recipe = recipe
    let audio = try decoded()
    let sampler = try CropSampler(TrainingMaterial(audio), recipe: recipe)
    let inOrder = try (0..<6).map { try sampler.batch($0).audio.scalars }
    let again = try CropSampler(TrainingMaterial(audio), recipe: recipe)
    for step in [5, 0, 3] { #expect(try again.batch(step).audio.scalars == inOrder[step]) }
    recipe.seed += 1
    let other = try CropSampler(TrainingMaterial(audio), recipe: recipe)
    #expect(try other.batch(0).audio.scalars != inOrder[0])
  }

  @Test func noFileIsLongEnough() throws {
    var recipe = recipe
    recipe.data.cropSeconds = 3
    let audio = try decoded()
    #expect {
      try CropSampler(TrainingMaterial(audio), recipe: recipe)
    } throws: { "\($0)".contains("data.cropSeconds") && !"\($0)".contains("\n") }
  }

  /// The numbers are those of the whole file, not those of the crop.
  @Test func normalizesEachFileAsAWhole() throws {
    var recipe = recipe
    let loud = TinyStudio.music(seconds: 2, seed: 1).map { 0.7 * $0 + 0.2 }
    try write(loud, to: "0.wav")
    for file in 1...3 {
      try FileManager.default.removeItem(at: folder.url.appending(path: "\(file).wav"))
    }
    let mean = loud.reduce(0.0) { $0 + Double($1) } / Double(loud.count)
    let variance =
      loud.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
      / Double(loud.count)

    recipe.training.batchSize = 2
    let audio = try decoded()
    let plain = try CropSampler(TrainingMaterial(audio), recipe: recipe).batch(0).audio
    recipe.encoder.normalizesWaveform = true
    let normed = try CropSampler(TrainingMaterial(audio), recipe: recipe).batch(0).audio
    let expected = plain.scalars.map { (Double($0) - mean) / (variance + 1e-7).squareRoot() }
    expectClose(normed, Tensor(expected.map(Float.init), shape: plain.shape), relative: 1e-5)

    recipe.data.cropSeconds = 2
    let whole = try CropSampler(TrainingMaterial(audio), recipe: recipe).batch(0).audio.scalars
    let count = Double(whole.count)
    let found = whole.reduce(0.0) { $0 + Double($1) } / count
    #expect(abs(found) < 1e-5)
    #expect(abs(whole.reduce(0.0) { $0 + Double($1) * Double($1) } / count - 1) < 1e-4)
    // As probes will hear it.
    let prepared = Tensor(recipe.encoder.prepare(loud))
    expectClose(Tensor(Array(whole.prefix(loud.count))), prepared, relative: 1e-5)
  }

  /// Three bins to an octave: a tone of 32.7 · 2³ Hz lies in bin 9.
  @Test func theSpectrumIsThatOfTheCleanCrop() throws {
    for file in 1...3 {
      try FileManager.default.removeItem(at: folder.url.appending(path: "\(file).wav"))
    }
    try write(
      (0..<16_000).map { 0.5 * Float(sin(2 * .pi * 32.7 * 8 * Double($0) / 8_000)) }, to: "0.wav")
    var recipe = Recipe.tinyMERT
    recipe.encoder.normalizesWaveform = true
    recipe.objective.cqt!.compression = 0
    let audio = try decoded()
    let linear = try #require(
      CropSampler(TrainingMaterial(audio), recipe: recipe).batch(0).targets["cqt"])
    #expect(linear.shape == [2, 31, 21])
    for frame in 5..<25 {
      let bins = linear.scalars[frame * 21..<(frame + 1) * 21]
      #expect(bins.firstIndex(of: bins.max()!)! - bins.startIndex == 9)
    }
    var settings = ConstantQ.Config()
    (settings.bins, settings.binsPerOctave, settings.frameRate) = (21, 3, 50)
    // Of the crop as the encoder takes it: a sine of amplitude 0.5 has variance 0.5² / 2.
    let peak = linear.scalars.max()!
    let direct = ConstantQ(settings, sampleRate: 8_000)(
      audio.crop(file: 0, start: 0, length: 5_120).map { $0 / (0.5 * Float(0.5).squareRoot()) })
    #expect(abs(peak - direct.scalars.max()!) < 0.05 * peak)

    recipe.objective.cqt!.compression = 10
    let compressed = try #require(
      CropSampler(TrainingMaterial(audio), recipe: recipe).batch(0).targets["cqt"])
    let expected = linear.scalars.map { log(1 + 10 * $0) }
    expectClose(compressed, Tensor(expected, shape: linear.shape), relative: 1e-5)
  }
}
