import Audio
import Foundation
import Models
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing
import Train

/// Recipes whose teacher is a quantiser, with codes that were made elsewhere.
@Suite struct ImportedCodesTests {
  private static let names = ["0.wav", "1.wav", "2.wav", "3.wav"]

  private func recipe(_ edit: (inout Recipe.QuantizerCodes) -> Void = { _ in }) -> Recipe {
    var recipe = Recipe.tinyHuBERT
    recipe.name = "rvq"
    recipe.teacher.kmeans = []
    recipe.teacher.rvq = Recipe.QuantizerCodes()
    (recipe.teacher.rvq!.codebooks, recipe.teacher.rvq!.codes) = (3, 9)
    edit(&recipe.teacher.rvq!)
    return recipe
  }

  /// The made-up code of a file's frame.
  private func codes(_ book: Int, of file: Int, every samples: Int, in studio: TinyStudio) throws
    -> [Int32]
  {
    let length = try AudioFile(studio.music.appendingPathComponent("\(file).wav").path).frames!
    return (0..<length / samples).map { Int32(($0 * (book + 1) / 3 + file) % 9) }
  }

  /// Writes MERT's code files for a studio's music; returns their folder.
  private func write(_ studio: TinyStudio, every samples: Int = 160) throws -> URL {
    let folder = studio.folder.url.appendingPathComponent("codes")
    for book in 0..<3 {
      let lines = try (0..<4).map { file in
        try codes(book, of: file, every: samples, in: studio).map(String.init)
          .joined(separator: " ")
      }
      try studio.folder.write(lines.joined(separator: "\n") + "\n", to: "codes/train.codec_\(book)")
    }
    return folder
  }

  @Test func aRecipeTrainsOnThem() throws {
    let studio = try TinyStudio()
    let folder = try write(studio)
    let recipe = recipe { $0.files = RecipePath(folder.path) }
    try studio.train(recipe, in: "run")
    let log = try studio.log(of: "run")
    #expect(log.count == 6 && log.allSatisfy { $0.loss.isFinite })
    #expect(log[0].terms.keys.filter { $0.hasPrefix("accuracy.") }.count == 3)

    let labels = studio.run("run").labels
    let store = try LabelStore(at: labels.appendingPathComponent("labels-0.h5").path)
    #expect(store.description.codebookSizes == [9, 9, 9])
    for (file, name) in Self.names.enumerated() {
      let expected = try (0..<3).flatMap { try codes($0, of: file, every: 160, in: studio) }
      #expect(try store.codes(of: name).integers == expected)
    }
    let json = try Data(contentsOf: labels.appendingPathComponent("labels-0.json"))
    let qualities = try JSONDecoder().decode([LabelQuality].self, from: json)
    #expect(qualities.map(\.codebook) == [0, 1, 2] && qualities.allSatisfy { $0.used == 9 })

    // Once imported, the code files are not needed, nor named.
    try FileManager.default.removeItem(at: folder)
    try studio.train(self.recipe(), in: "again", labels: "run", until: 2)
    #expect(try studio.log(of: "again") == Array(log.prefix(2)))
  }

  /// EnCodec's 75 codes a second under a model of 50 frames a second: frame `t` has code `⌊1.5 t⌋`.
  @Test func codesAtAnotherRateThanFrames() throws {
    let studio = try TinyStudio()
    let folder = try write(studio, every: 100)
    let recipe = recipe { ($0.files, $0.labelRate) = (RecipePath(folder.path), 80) }
    try studio.session(recipe).teach(into: studio.run("labels"))
    let manifest = try Manifest.scan(studio.music.path, minimumSeconds: 0.1).manifest
    let audio = try DecodedAudio(
      manifest, sampleRate: 8_000, scratchFolder: studio.folder.url.path, minimumSeconds: 0.64)
    let labels = try Teaching(recipe, folder: studio.run("labels"))
      .labels(of: audio, DataIdentity(of: audio, from: manifest))
    #expect(labels.codebooks == [9, 9, 9])
    let all = try codes(2, of: 1, every: 100, in: studio)
    let crops = try #require(labels.crops)
    #expect(crops.frames(of: 1) == (all.count * 100 + 159) / 160)
    let frames = 3..<crops.frames(of: 1)
    #expect(try crops.codes(of: 1, frames: frames)[2] == frames.map { all[$0 * 160 / 100] })
  }

  @Test func withoutCodesTheErrorSaysHowToGetThem() throws {
    let studio = try TinyStudio()
    expectError("recipe rvq: teacher.rvq: there are no codes", "teacher.rvq.files") {
      try studio.train(recipe(), in: "run")
    }
    expectError("nowhere", "no such file or folder of codes") {
      try studio.train(recipe { $0.files = RecipePath("nowhere") }, in: "run")
    }
  }

  @Test func badCodesNameFileAndLine() throws {
    let studio = try TinyStudio()
    let folder = try write(studio)
    let recipe = recipe { $0.files = RecipePath(folder.path) }
    let path = folder.appendingPathComponent("train.codec_1")
    let good = try String(contentsOf: path, encoding: .utf8)
    var lines = good.split(separator: "\n").map(String.init)
    lines[2] = "7 " + lines[2] + " 7 7"
    try Data(lines.joined(separator: "\n").utf8).write(to: path)
    expectError("train.codec_1:3:", "codes for the 85 frames of '2.wav'") {
      try studio.train(recipe, in: "run")
    }
    lines.removeLast()
    try Data(lines.joined(separator: "\n").utf8).write(to: path)
    expectError("train.codec_1: 3 lines of codes for the 4 files of", "teacher.rvq.manifest") {
      try studio.train(recipe, in: "run")
    }
    #expect(!FileManager.default.fileExists(atPath: studio.run("run/labels/labels-0.h5").path))
    let same = good.replacing(/[0-9]/, with: "3")
    for book in 0..<3 {
      try Data(same.utf8).write(to: folder.appendingPathComponent("train.codec_\(book)"))
    }
    expectError("labels-0.h5", "every label of codebook 0 is 3") {
      try studio.train(recipe, in: "run")
    }
  }

  /// Code files in the order of another manifest.
  @Test func theirManifestTellsTheLines() throws {
    let studio = try TinyStudio()
    let folder = try write(studio)
    for book in 0..<3 {
      let path = folder.appendingPathComponent("train.codec_\(book)")
      let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
      try Data(lines.reversed().joined(separator: "\n").utf8).write(to: path)
    }
    var manifest = try Manifest.scan(studio.music.path, minimumSeconds: 0.1).manifest
    manifest.entries.reverse()
    let tsv = studio.folder.url.appendingPathComponent("train.tsv").path
    try manifest.write(to: tsv)
    let recipe = recipe { ($0.files, $0.manifest) = (RecipePath(folder.path), RecipePath(tsv)) }
    try studio.session(recipe).teach(into: studio.run("labels"))
    let store = try LabelStore(
      at: studio.run("labels").appendingPathComponent("labels-0.h5").path)
    #expect(
      try store.codes(of: "0.wav").integers.prefix(10)
        == codes(0, of: 0, every: 160, in: studio).prefix(10))
  }

  /// 16000 / (16000 / 480) is less than 480 in Double.
  @Test func codesComeWithTheFramesOfAnyStride() throws {
    var slow = recipe()
    slow.encoder.sampleRate = 16_000
    (slow.encoder.frontEnd.strides, slow.encoder.frontEnd.kernels) = ([10, 4, 12], [20, 8, 12])
    #expect(slow.encoder.stride == 480)
    try slow.check()
  }

  @Test func numbersThatCannotBe() {
    for (part, edit) in [
      ("teacher.rvq.codebooks: 0 is not between 1 and", { $0.codebooks = 0 }),
      ("teacher.rvq.codes: 1 is not between 2 and", { $0.codes = 1 }),
      ("teacher.rvq.labelRate: 75 codes per second", { $0.labelRate = 75 }),
      ("teacher.rvq.labelRate", { $0.labelRate = 0 }),
      ("teacher.rvq.labelRate", { $0.labelRate = -50 }),
    ] as [(String, (inout Recipe.QuantizerCodes) -> Void)] {
      expectError("recipe rvq: \(part)") { try recipe(edit).check() }
    }
  }
}
