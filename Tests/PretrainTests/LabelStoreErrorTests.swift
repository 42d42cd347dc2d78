import Files
import Foundation
import HDF5
import Pretrain
import Tensor
import TestSupport
import Testing

@Suite struct LabelStoreErrorTests {
  /// A finished store of four files in two codebooks.
  private func store(in folder: LabelFolder) throws -> LabelStore {
    let writer = try folder.writer(sizes: [500, 500])
    for index in 0..<4 {
      try writer.append(
        "\(index).wav", codes: someCodes(books: 2, frames: 75, seed: index), samples: 24_000,
        audioHash: UInt64(index))
    }
    try writer.finish()
    return try LabelStore(at: folder.store)
  }

  @Test func labelsThatDoNotFitAreRefused() throws {
    let folder = try LabelFolder()
    let store = try store(in: folder)
    try store.check(LabelRate(sampleRate: 24_000, hop: 320))
    try store.check(teacher: "k-means of MFCC")
    for frames in 74...76 { try store.check("2.wav", frames: frames, audioHash: 2) }
    let path = folder.store
    #expect(
      complaint { try store.check(LabelRate(sampleRate: 16_000, hop: 320)) }
        == "\(path): labels are for 24000 Hz with a hop of 320 samples, the recipe wants "
        + "16000 Hz with a hop of 320 samples; make labels in another folder with 'etude teach' and "
        + "this recipe")
    #expect(
      complaint { try store.check(teacher: "RVQ") }
        == "\(path): labels come from the teacher 'k-means of MFCC', the recipe wants 'RVQ'; "
        + "make labels in another folder with 'etude teach' and this recipe")
    for frames in [73, 77, 0] {
      #expect(
        complaint { try store.check("2.wav", frames: frames, audioHash: 2) }
          == "\(path): '2.wav' has 75 labels for \(frames) frames of audio; "
          + "make the labels again with 'etude teach'")
    }
    #expect(
      complaint { try store.check("2.wav", frames: 75, audioHash: 3) }
        == "\(path): '2.wav' changed after it was labelled; make the labels again with "
        + "'etude teach --data-changed'")
    #expect(
      complaint { _ = try store.codes(of: "9.wav") }
        == "\(path): no labels for '9.wav'; label the data again with 'etude teach --data-changed', "
        + "or take it out of the manifest")
  }

  @Test func badLabelsAreNotWritten() throws {
    let folder = try LabelFolder()
    let writer = try folder.writer()
    func append(_ codes: [Int32], samples: Int, name: String = "a") -> String {
      complaint {
        try writer.append(
          name, codes: Tensor(codes, shape: [1, codes.count]), samples: samples, audioHash: 0)
      }
    }
    #expect(append([], samples: 100).contains("no labels came out for 'a'"))
    #expect(append([1, 2], samples: 320 * 4).contains("'a' has 2 labels for 4 frames"))
    #expect(append([1, 2], samples: 0).contains("'a' has 2 labels for 0 frames"))
    #expect(append([1, 500], samples: 640).contains("code 500 in codebook 0, which has 0 to 499"))
    #expect(append([-1, 2], samples: 640).contains("code -1 in codebook 0"))
    #expect(append([1, 2], samples: 640) == "no error")
    #expect(append([1, 2], samples: 640).contains("'a' was labelled twice"))
    #expect(append([499, 0, 7], samples: 640, name: "b") == "no error")
    try writer.finish()
    let store = try LabelStore(at: folder.store)
    #expect(store.files.map(\.name) == ["a", "b"])
    #expect(try store.codes(of: "b").integers == [499, 0, 7])
  }

  @Test func aCollapsedTeacherIsRefused() throws {
    func finish(_ files: [[[Int32]]]) throws -> String {
      let folder = try LabelFolder()
      let writer = try folder.writer(sizes: Array(repeating: 500, count: files.first?.count ?? 1))
      for (index, books) in files.enumerated() {
        let codes = Tensor(books.flatMap { $0 }, shape: [books.count, books[0].count])
        try writer.append(
          "\(index)", codes: codes, samples: books[0].count * 320, audioHash: 0)
      }
      let message = complaint { try writer.finish() }
      #expect(FileManager.default.fileExists(atPath: folder.store) == (message == "no error"))
      return message
    }
    let silence = [Int32](repeating: 3, count: 80)
    let other = [Int32](repeating: 4, count: 80)
    let music = (0..<80).map { Int32($0) }
    #expect(try finish([]).contains("not one file was labelled"))
    #expect(try finish([[silence], [silence]]).contains("every label of codebook 0 is 3"))
    #expect(try finish([[music, silence]]).contains("every label of codebook 1 is 3"))
    #expect(
      try finish([[silence], [other], [music]]).contains("2 of 3 files have one and the same"))
    #expect(try finish([[silence], [music]]) == "no error")
    // Below a second, a constant file is a note, not a collapse.
    #expect(try finish([[[1, 1]], [[2, 2]], [music]]) == "no error")
  }

  @Test func foreignFilesAreNamed() throws {
    let folder = try LabelFolder()
    #expect(
      complaint { _ = try LabelStore(at: folder.store) }
        == "\(folder.store): no such label store; make it with 'etude teach'")
    try Data("not HDF5".utf8).write(to: URL(fileURLWithPath: folder.store))
    #expect(
      complaint { _ = try LabelStore(at: folder.store) }
        == "\(folder.store): is not an HDF5 file, or a truncated one; "
        + "make the labels again with 'etude teach'")
    #expect(complaint { _ = try LabelStore(at: folder.url.path) } != "no error")
    let nowhere = LabelStore.Description(
      teacher: "", rate: LabelRate(sampleRate: 1, hop: 1), codebookSizes: [2], creator: "")
    #expect(
      complaint { _ = try LabelStoreWriter(at: "/no/folder/l.h5", description: nowhere) }
        == "/no/folder/l.h5: cannot be written: no such file or folder; make its folder first")
  }

  @Test func aTruncatedStoreIsAnError() throws {
    let folder = try LabelFolder()
    _ = try store(in: folder)
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder.store))
    for length in [0, 1, 7, 8, 47, 48, 96] + Array(stride(from: 100, to: whole.count, by: 331)) {
      let path = folder.url.appendingPathComponent("\(length).h5")
      try whole.prefix(length).write(to: path)
      let message = complaint { _ = try LabelStore(at: path.path) }
      #expect(message.hasPrefix("\(path.path): "), "\(length) of \(whole.count): \(message)")
    }
  }

  /// A flipped byte is noticed, or lies where it does no harm: never a wrong label, never a crash.
  @Test func aFlippedByteNeverGivesAWrongLabel() throws {
    let folder = try LabelFolder()
    let original = try store(in: folder)
    let expected = try original.files.map { try original.codes(of: $0.name).integers }
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder.store))
    var noticed = 0
    // Nearly all of a small store is the empty rest of its chunks; what says something is tried.
    let telling = whole.indices.filter { whole[$0] != 0 && $0 % 5 == 0 || $0 % 503 == 0 }
    for offset in telling {
      var bytes = whole
      bytes[offset] ^= UInt8(1 << (offset % 8)) | 0x81
      let path = folder.url.appendingPathComponent("flipped-\(offset).h5")
      try bytes.write(to: path)
      defer { try? FileManager.default.removeItem(at: path) }
      do {
        let store = try LabelStore(at: path.path)
        #expect(store.files == original.files, "offset \(offset)")
        #expect(store.description == original.description, "offset \(offset)")
        #expect(try store.files.map { try store.codes(of: $0.name).integers } == expected)
      } catch let error as LabelError {
        noticed += 1
        #expect("\(error)".hasPrefix(path.path), "offset \(offset)")
      }
    }
    #expect(noticed > 0)
  }

  @Test func programmerMistakesTrap() async {
    let rate = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = LabelRate(sampleRate: 0, hop: 320)
    }
    expectWords("LabelRate: sample rate and hop must be positive, got 0 and 320", in: rate)
    let codes = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let writer = try LabelFolder().writer(sizes: [500, 500])
      try writer.append("a", codes: someCodes(frames: 3, seed: 0), samples: 960, audioHash: 0)
    }
    expectWords("LabelStore: codes must be int32 [2, frames], got int32 [1, 3]", in: codes)
  }
}
