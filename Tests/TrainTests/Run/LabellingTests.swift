import Audio
import Files
import Foundation
import HDF5
import Pretrain
import Synchronization
import Tensor
import TestSupport
import Testing
import Train

/// A teacher whose codes are the file's number and a count, and that fails at one file.
private final class CountingTeacher: LabelTeacher {
  let codebookSizes = [8, 100]
  let tensors: [String: Tensor]
  let failing: Int?
  let asked = Mutex<Set<Int>>([])

  init(failingAt file: Int? = nil, fitted: Float = 1) {
    (failing, tensors) = (file, ["centroids": Tensor([fitted])])
  }

  func codes(of file: Int, in audio: any AudioSource) throws -> Tensor {
    if file == failing { throw FileError.unsuitable(path: "\(file)", reason: "is odd") }
    asked.withLock { _ = $0.insert(file) }
    let frames = Int32(audio.samples(of: file) / 100)
    let codes = [Int32](repeating: Int32(file), count: Int(frames)) + (0..<frames)
    return Tensor(codes, shape: [2, Int(frames)])
  }
}

/// Labels are made on all cores, kept file by file, and end in one store in the order of the files.
@Suite struct LabellingTests {
  private let folder: TestFolder
  private let audio: DecodedAudio
  private var path: String { folder.url.appendingPathComponent("labels-0.h5").path }

  init() throws {
    folder = try TestFolder()
    for file in 0..<5 {
      try AudioFile.write(
        (0..<9_000 + 100 * file).map { sin(Float($0) * 0.1) }, sampleRate: 8_000,
        to: folder.url.appendingPathComponent("\(file).wav").path)
    }
    audio = try DecodedAudio(
      Manifest.scan(folder.url.path, minimumSeconds: 0.1).manifest, sampleRate: 8_000,
      scratchFolder: folder.url.path)
  }

  private func label(
    by teacher: CountingTeacher, teacher name: String = "count", hash: UInt64 = 7
  ) throws -> [(String, [Int32])] {
    var seen: [(String, [Int32])] = []
    let description = LabelStore.Description(
      teacher: name, rate: LabelRate(sampleRate: 8_000, hop: 100),
      codebookSizes: teacher.codebookSizes, creator: "test")
    try Labelling(
      of: audio, hashes: (0..<5).map { hash + $0 }, by: teacher, description: description,
      tolerance: 1
    ).write(to: path, progress: { _, _ in }) { seen.append(($0, $1.integers)) }
    return seen
  }

  @Test func theStoreHasTheFilesInOrder() throws {
    let seen = try label(by: CountingTeacher())
    let store = try LabelStore(at: path)
    #expect(store.files.map(\.name) == (0..<5).map { "\($0).wav" })
    #expect(seen.map(\.0) == store.files.map(\.name))
    #expect(store.files.map(\.audioHash) == [7, 8, 9, 10, 11])
    for (name, codes) in seen { #expect(try store.codes(of: name).integers == codes) }
    #expect(!FileManager.default.fileExists(atPath: path + ".parts"))
  }

  @Test func whatIsLabelledIsNotLabelledAgain() throws {
    #expect(complaint { _ = try label(by: CountingTeacher(failingAt: 3)) } == "3: is odd")
    #expect(!FileManager.default.fileExists(atPath: path))
    let rest = CountingTeacher()
    let resumed = try label(by: rest)
    let asked = rest.asked.withLock { $0 }
    #expect(asked.contains(3) && asked.count < 5)
    let whole = CountingTeacher()
    #expect(try label(by: whole).map(\.1) == resumed.map(\.1))
    #expect(whole.asked.withLock { $0 } == [0, 1, 2, 3, 4])
  }

  /// Parts of another teacher, of another fit, or of other audio are made again.
  @Test(arguments: ["teacher", "fit", "audio"]) func partsOfOthersAreNotTaken(_ what: String) throws
  {
    #expect(complaint { _ = try label(by: CountingTeacher(failingAt: 4)) } == "4: is odd")
    let next = CountingTeacher(fitted: what == "fit" ? 2 : 1)
    _ = try label(
      by: next, teacher: what == "teacher" ? "other" : "count", hash: what == "audio" ? 1_000 : 7)
    #expect(next.asked.withLock { $0 } == [0, 1, 2, 3, 4])
  }
}
