import Audio
import Foundation
import Models
import Pretrain
import Tensor
import Testing

/// Codes that other programs wrote, and codes for other programs.
@Suite final class CodeFileTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("etude-codes-\(UUID().uuidString)")
  private let audio: DecodedAudio
  private let manifest: Manifest
  private static let frames = [12, 20, 15]

  /// Three files of 8 kHz with 50 codes a second.
  init() throws {
    let music = folder.appendingPathComponent("music")
    try FileManager.default.createDirectory(at: music, withIntermediateDirectories: true)
    for (file, frames) in Self.frames.enumerated() {
      var stream = RandomStream(seed: UInt64(file), purpose: .corpus)
      let samples = (0..<frames * 160 + 40).map { _ in 0.2 * stream.nextNormal() }
      try AudioFile.write(
        samples, sampleRate: 8_000, to: music.appendingPathComponent("\(file).wav").path)
    }
    manifest = try Manifest.scan(music.path, minimumSeconds: 0.01).manifest
    audio = try DecodedAudio(
      manifest, sampleRate: 8_000, scratchFolder: folder.path, minimumSeconds: 0.01)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The code of codebook `book` at frame `t` of a file.
  private static func code(_ book: Int, _ file: Int, _ t: Int) -> Int32 {
    Int32((7 * book + 3 * file + t) % 30)
  }

  private static func row(_ book: Int, _ file: Int) -> [Int32] {
    (0..<frames[file]).map { code(book, file, $0) }
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  @discardableResult
  private func write(_ name: String, _ lines: [[Int32]]) throws -> String {
    let text = lines.map { $0.map(String.init).joined(separator: " ") + "\n" }.joined()
    return try write(name, text)
  }

  @discardableResult
  private func write(_ name: String, _ text: String) throws -> String {
    let url = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    return url.path
  }

  private func writeBooks(_ pattern: String, books: Int = 2) throws {
    for book in 0..<books {
      try write(
        pattern.replacingOccurrences(of: "{codebook}", with: "\(book)"),
        (0..<3).map { Self.row(book, $0) })
    }
  }

  private func codes(
    _ files: String, sizes: [Int] = [30, 30], of manifest: Manifest? = nil, hop: Int = 160
  ) throws -> ImportedCodes {
    try ImportedCodes(
      files, codebookSizes: sizes, of: manifest ?? self.manifest, named: "train.tsv", hop: hop)
  }

  private func expectCodes(_ teacher: ImportedCodes, books: Int = 2) throws {
    for file in 0..<3 {
      let codes = try teacher.codes(of: file, in: audio)
      #expect(codes.shape == [books, Self.frames[file]])
      #expect(codes.integers == (0..<books).flatMap { Self.row($0, file) })
    }
  }

  private func line(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch { return "\(error)" }
  }

  @Test(arguments: ["train.encodec_{codebook}", "train.codec_{codebook}", "x_{codebook}.km"])
  func textByFolderOrPattern(pattern: String) throws {
    try writeBooks("codes/" + pattern)
    let teacher = try codes(path("codes"))
    #expect(teacher.codebookSizes == [30, 30] && teacher.tensors.isEmpty)
    try expectCodes(teacher)
    try expectCodes(codes(path("codes/" + pattern)))
  }

  @Test func oneCodebookIsOneFile() throws {
    try expectCodes(
      codes(write("train.km", (0..<3).map { Self.row(0, $0) }), sizes: [30]), books: 1)
    let without = (0..<3).map { Self.row(0, $0).map(String.init).joined(separator: "\t") }
    let crlf = try write("crlf.km", without.joined(separator: " \r\n"))
    try expectCodes(codes(crlf, sizes: [30]), books: 1)
  }

  /// What `numpy.save` writes: version 1, and a table of each kind of number.
  private func table(_ type: String, width: Int, _ rows: [[Int32]], shape: String? = nil) -> Data {
    let longest = rows.map(\.count).max()!
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': "
    text += (shape ?? "(\(rows.count), \(longest))") + ", }"
    text += String(repeating: " ", count: 117 - text.count) + "\n"
    var data = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, UInt8(text.utf8.count), 0])
    data += Data(text.utf8)
    for row in rows {
      for column in 0..<longest {
        let value = Int64(column < row.count ? row[column] : -1)
        data += withUnsafeBytes(of: value.littleEndian) { Data($0.prefix(width)) }
      }
    }
    return data
  }

  @Test(arguments: [("<i8", 8), ("<i4", 4), ("<i2", 2), ("|i1", 1)])
  func numpyTables(type: String, width: Int) throws {
    for book in 0..<2 {
      let data = table(type, width: width, (0..<3).map { Self.row(book, $0) })
      try data.write(to: folder.appendingPathComponent("encodec_\(book).npy"))
    }
    try expectCodes(codes(path("encodec_{codebook}.npy")))
  }

  @Test func tablesThatAreNone() throws {
    let rows = (0..<3).map { Self.row(0, $0) }
    let good = table("<i2", width: 2, rows)
    for (data, part) in [
      (Data("PK".utf8) + good, "does not begin as a NumPy file"),
      (good.prefix(60), "does not begin as a NumPy file"), (good.dropLast(2), "was cut off"),
      (good + Data([0, 0]), "does not hold the 3 x 20 numbers"),
      (table("<f4", width: 4, rows), "whole numbers"),
      (table(">i2", width: 2, rows), "whole numbers"),
      (table("<i2", width: 2, rows, shape: "(60,)"), "must be a table"),
      (
        table("<i2", width: 2, rows, shape: "(999999999999, 999999999999)"),
        "does not hold the 999999999999 x 999999999999"
      ),
      (
        Data(good.map { $0 }).replacing("False", with: "True "), "its rows are not contiguous"
      ),
    ] {
      try data.write(to: folder.appendingPathComponent("bad.npy"))
      let error = line { _ = try codes(path("bad.npy"), sizes: [30]) }
      #expect(error.hasPrefix(path("bad.npy") + ": ") && error.contains(part), "\(error)")
    }
  }

  /// Lines belong to the files of the manifest they were made from, by name.
  @Test func linesFollowTheirOwnManifest() throws {
    try writeBooks("codes/x_{codebook}")
    var other = manifest
    other.entries = [manifest.entries[2], manifest.entries[0], manifest.entries[1]]
    for book in 0..<2 {
      try write("other/x_\(book)", [2, 0, 1].map { Self.row(book, $0) })
    }
    try expectCodes(codes(path("other"), of: other))
    other.entries.removeLast()
    for book in 0..<2 { try write("fewer/x_\(book)", [2, 0].map { Self.row(book, $0) }) }
    let teacher = try codes(path("fewer"), of: other)
    #expect(try teacher.codes(of: 2, in: audio).integers.count == 30)
    #expect(
      line { _ = try teacher.codes(of: 1, in: audio) }
        == "train.tsv: has no '1.wav', so there are no codes for it; code it, or take it out of the data"
    )
  }

  @Test func aLineTooFewOrTooMany() throws {
    try writeBooks("codes/x_{codebook}")
    try write("codes/x_1", (0..<2).map { Self.row(1, $0) })
    let error = line { _ = try codes(path("codes")) }
    #expect(
      error.hasPrefix(path("codes/x_1") + ": 2 lines of codes for the 3 files of train.tsv"),
      "\(error)")
  }

  @Test func codesThatAreNone() throws {
    func error(
      _ lines: [[Int32]], file: Int = 1, below size: Int = 30, hop: Int = 160
    ) throws -> String {
      let path = try write("one.km", lines)
      let teacher = try codes(path, sizes: [size], hop: hop)
      return line { _ = try teacher.codes(of: file, in: audio) }
    }
    var rows = (0..<3).map { Self.row(0, $0) }
    rows[1][4] = 31
    #expect(
      try error(rows).hasPrefix(path("one.km") + ":2: code 31 is not one of 0 to 29; is teach"))
    rows[1][4] = -1
    #expect(try error(rows).contains(":2: code -1 is not one of 0 to 29"))
    let shifted = (0..<3).map { Self.row(0, $0).map { $0 + 4 } }
    #expect(try error(shifted, below: 23).contains("four higher; subtract 4 from each"))
    #expect(try error(shifted, below: 20).contains("; is teacher.rvq.codes right?"))

    rows = (0..<3).map { Self.row(0, $0) }
    rows[1] += [1]
    #expect(try error(rows) == "no error", "a frame more or less is nothing")
    rows[1] += [1]
    #expect(
      try error(rows).contains("one.km:2: 22 codes for the 20 frames of '1.wav'; is it the line"))
    #expect(try error(rows, hop: 80).contains("22 codes for the 40 frames"))

    let words = try codes(write("two.km", "1 2\n1 zwei\n3 4\n"), sizes: [30])
    #expect(
      line { _ = try words.codes(of: 1, in: audio) }
        == path("two.km")
        + ":2: 'zwei' is no code; a line holds whole numbers with spaces between them")
    let huge = try codes(write("two.km", "1\n2 99999999999999999999\n3\n"), sizes: [30])
    #expect(line { _ = try huge.codes(of: 1, in: audio) }.contains("is no code"))
  }

  @Test func codebooksOfDifferentMakes() throws {
    try writeBooks("codes/x_{codebook}")
    try write("codes/x_1", (0..<3).map { Self.row(1, $0).dropLast() })
    let teacher = try codes(path("codes"))
    #expect(
      line { _ = try teacher.codes(of: 0, in: audio) }
        == path("codes/x_1")
        + ":1: 11 codes, 12 in \(path("codes/x_0")); the files are of different makes"
    )
  }

  @Test func filesThatAreNotThere() throws {
    #expect(line { _ = try codes(path("nowhere")) }.contains("no such file or folder of codes"))
    try write("empty/readme", "nothing")
    #expect(line { _ = try codes(path("empty")) }.contains("holds no set of 2 code files"))
    try writeBooks("two/train.encodec_{codebook}")
    try writeBooks("two/valid.encodec_{codebook}")
    #expect(
      line { _ = try codes(path("two")) }.contains(
        "several sets (train.encodec_{codebook}, valid.encodec_{codebook})"))
    #expect(
      line { _ = try codes(path("two/train.encodec_0")) }.contains("one file for 2 codebooks"))
    #expect(line { _ = try codes(path("two/x_{codebook}")) }.contains("x_0: no such file of codes"))
  }

  // MARK: - Export

  private func store() throws -> LabelStore {
    let writer = try LabelStoreWriter(
      at: path("labels.h5"),
      description: LabelStore.Description(
        teacher: "made up", rate: LabelRate(sampleRate: 8_000, hop: 160), codebookSizes: [30, 30],
        creator: "test"))
    for (file, entry) in audio.files.enumerated() {
      try writer.append(
        entry.path,
        codes: Tensor(Self.row(0, file) + Self.row(1, file), shape: [2, Self.frames[file]]),
        samples: entry.samples, audioHash: 1)
    }
    try writer.finish()
    return try LabelStore(at: path("labels.h5"))
  }

  @Test(arguments: ["x_{codebook}", "x_{codebook}.km", "x_{codebook}.npy"])
  func whatIsExportedIsImported(pattern: String) throws {
    let store = try store()
    for book in 0..<2 {
      let name = pattern.replacingOccurrences(of: "{codebook}", with: "\(book)")
      try store.export(codebook: book, to: path(name))
    }
    try expectCodes(codes(path(pattern)))
  }

  @Test func exportFollowsAManifest() throws {
    let store = try store()
    try store.export(codebook: 1, of: ["2.wav", "0.wav"], to: path("some.km"))
    let expected = [2, 0].map { Self.row(1, $0).map(String.init).joined(separator: " ") + "\n" }
    #expect(try String(contentsOfFile: path("some.km"), encoding: .utf8) == expected.joined())
    #expect(
      line { try store.export(of: ["other.wav"], to: path("none.km")) }
        .contains("no labels for 'other.wav'"))
    #expect(!FileManager.default.fileExists(atPath: path("none.km")))
  }
}

extension Data {
  fileprivate func replacing(_ text: String, with other: String) -> Data {
    var copy = self
    let range = copy.range(of: Data(text.utf8))!
    copy.replaceSubrange(range, with: Data(other.utf8))
    return copy
  }
}
