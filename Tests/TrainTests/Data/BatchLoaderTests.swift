import Audio
import Foundation
import Pretrain
import Synchronization
import Tensor
import Testing
import Train

/// Batches made ahead are those that the sampler makes.
@Suite struct BatchLoaderTests {
  private var recipe = Recipe.tinyMERT

  init() { recipe.training.batchSize = 3 }

  private func sampler(_ source: FormulaSource) throws -> CropSampler {
    try CropSampler(
      TrainingMaterial(source, labels: LabelsInMemory(source.codes)), recipe: recipe)
  }

  private func expectEqual(
    _ a: Batch, _ b: Batch, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(a.audio.scalars == b.audio.scalars, sourceLocation: sourceLocation)
    #expect(a.audio.shape == b.audio.shape, sourceLocation: sourceLocation)
    #expect(a.samples == b.samples && a.codes == b.codes, sourceLocation: sourceLocation)
    #expect(a.targets["cqt"]!.scalars == b.targets["cqt"]!.scalars, sourceLocation: sourceLocation)
  }

  @Test(arguments: [(0, 0), (1, 2), (3, 2), (2, 5)])
  func anyNumberOfWorkersMakesTheSameBits(workers: Int, ahead: Int) throws {
    let sampler = try sampler(FormulaSource())
    let loader = BatchLoader(sampler, batches: 12, ahead: ahead, workers: workers)
    for step in 0..<12 {
      expectEqual(try loader.batch(step), try sampler.batch(step))
      if step % 3 == 0 { usleep(20_000) }
    }
  }

  /// A resumed run begins anywhere.
  @Test func stepsMayJump() throws {
    let sampler = try sampler(FormulaSource())
    let loader = BatchLoader(sampler, batches: 100)
    for step in [7, 8, 2, 50, 51, 0, 99] {
      expectEqual(try loader.batch(step), try sampler.batch(step))
      usleep(10_000)
    }
  }

  @Test func whatIsAheadIsBounded() throws {
    let source = FormulaSource()
    let loader = BatchLoader(try sampler(source), batches: 7, ahead: 2, workers: 2)
    _ = try loader.batch(0)
    try eventually { source.made == 9 }
    usleep(50_000)
    #expect(source.made == 9, "a batch and two ahead of it")
    _ = try loader.batch(1)
    try eventually { source.made == 12 }
    // What was made ahead is used: nothing is made twice, and nothing for steps past the last.
    for step in 2..<7 {
      _ = try loader.batch(step)
      try eventually { source.made == min(21, 3 * (step + 3)) }
    }
  }

  /// The file fails in the background first; only the steps that need it say so.
  @Test func anErrorIsThatOfTheStepThatNeedsIt() throws {
    let source = FormulaSource()
    let sampler = try sampler(source)
    let loader = BatchLoader(sampler, batches: 40)
    source.broken.store(2, ordering: .relaxed)
    var failures = 0
    for step in 0..<40 {
      do {
        let batch = try loader.batch(step)
        expectEqual(batch, try sampler.batch(step))
      } catch let error as AudioError {
        #expect(error == .corrupt(path: "2.wav", reason: "gone bad"))
        #expect(throws: AudioError.self) { try sampler.batch(step) }
        failures += 1
      }
    }
    #expect((5..<40).contains(failures))
  }

  @Test func threadsGoWithTheLoader() throws {
    weak var source: FormulaSource?
    func useAndDrop() throws {
      let strong = FormulaSource()
      source = strong
      let loader = BatchLoader(try sampler(strong), batches: 9, workers: 2)
      _ = try loader.batch(0)
    }
    try useAndDrop()
    try eventually { source == nil }
  }

  private func eventually(_ holds: () -> Bool) throws {
    // As long as it takes beside other tests.
    for _ in 0..<30_000 where !holds() { usleep(10_000) }
    try #require(holds())
  }
}

/// Four files of noise by a formula, which counts its crops and can break.
private final class FormulaSource: AudioSource {
  let sampleRate = 8_000
  let files = (0..<4).map { Manifest.Entry(path: "\($0).wav", samples: 9_000 + 3_000 * $0) }
  let skipped: [Manifest.Skipped] = []
  let broken = Atomic<Int>(-1)
  private let count = Atomic<Int>(0)

  var made: Int { count.load(ordering: .relaxed) }

  var codes: [[[Int32]]] {
    files.indices.map { file in
      let frames = Int32(files[file].samples / 160)
      return [Array(0..<frames), Array(100..<100 + frames)]
    }
  }

  func crop(
    file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(AudioError) {
    if file == broken.load(ordering: .relaxed) {
      throw .corrupt(path: files[file].path, reason: "gone bad")
    }
    for i in buffer.indices {
      buffer[i] = Float((file &* 7_919 &+ start &+ i) &* 2_654_435_761 % 1_000) / 1_000
    }
    count.add(1, ordering: .relaxed)
  }
}
