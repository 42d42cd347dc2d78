import Audio
import Foundation
import Models
import Pretrain
import TestSupport
import Testing
import Train

/// A run goes on with the data, the labels and the beginning that it had, or says what differs.
@Suite struct RunIdentityTests {
  private func expectLine(
    _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation,
    from body: () throws -> Void
  ) {
    #expect(sourceLocation: sourceLocation) {
      try body()
    } throws: { error in
      let text = "\(error)"
      for part in parts { #expect(text.contains(part), "\(text)", sourceLocation: sourceLocation) }
      return !text.contains("\n")
    }
  }

  /// A folder with the studio's music, to change something in.
  private func copy(of studio: TinyStudio, _ name: String) throws -> URL {
    let copy = studio.folder.url.appendingPathComponent(name)
    try FileManager.default.copyItem(at: studio.music, to: copy)
    return copy
  }

  // MARK: - Data

  @Test func aRunWithoutLabelsKnowsItsData() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "run", until: 2)
    let other = try copy(of: studio, "other")
    try FileManager.default.removeItem(at: other.appendingPathComponent("1.wav"))
    try FileManager.default.copyItem(
      at: studio.music.appendingPathComponent("2.wav"),
      to: other.appendingPathComponent("new.wav"))
    let changed = other.appendingPathComponent("3.wav").path
    try AudioFile.write(
      TinyStudio.music(seconds: 0.9, seed: 77), sampleRate: 8_000, encoding: .float32, to: changed)
    expectLine(
      "runs/run: was trained on other data: 1 file is gone (1.wav), 1 file is new (new.wav), "
        + "1 file is changed (3.wav); name the data it was trained on, or pass --data-changed"
    ) {
      try studio.train(.tinyData2Vec, in: "run", on: other, .resuming)
    }
    #expect(try studio.log(of: "run").count == 2, "the refused run has touched nothing")
    #expect(try RunInformation(of: studio.run("run")).data == studio.music.path)

    try studio.train(
      .tinyData2Vec, in: "run", on: other, .resuming, until: 4, acceptingOtherData: true)
    #expect(studio.remarks.contains { $0.contains("goes on with other data: 1 file is gone") })
    try studio.train(.tinyData2Vec, in: "run", on: other, .resuming)
    #expect(try studio.log(of: "run").map(\.step) == Array(1...6))
    expectLine("runs/run: was trained on other data") {
      try studio.train(.tinyData2Vec, in: "run", .resuming)
    }
  }

  /// The same files in another place, whatever their times: the bits of an unmoved run.
  @Test func dataMayMove() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "whole")
    try studio.train(.tinyData2Vec, in: "moved", until: 3)
    try studio.train(.tinyData2Vec, in: "moved", on: copy(of: studio, "elsewhere"), .resuming)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "moved"))
    // The model card names the folder.
    for (name, bytes) in a where name != "README.md" { #expect(bytes == b[name], "\(name)") }
    #expect(try RunInformation(of: studio.run("moved")).data.hasSuffix("elsewhere"))
  }

  /// Same length, same size, and the time of the old file.
  @Test func aChangeThatOnlyTheContentShows() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "run", until: 1)
    let file = studio.music.appendingPathComponent("0.wav")
    var content = try Data(contentsOf: file)
    let date = try FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate]
    content[content.count / 2] ^= 1
    try content.write(to: file)
    try FileManager.default.setAttributes([.modificationDate: date!], ofItemAtPath: file.path)
    expectLine("1 file is changed (0.wav)") {
      try studio.train(.tinyData2Vec, in: "run", .resuming)
    }
  }

  /// A manifest that lists the same files in another order gives other crops.
  @Test func anotherOrderIsOtherData() throws {
    let studio = try TinyStudio()
    var manifest = try Manifest.scan(studio.music.path, minimumSeconds: 0.1).manifest
    let tsv = studio.folder.url.appendingPathComponent("music.tsv").path
    func train(_ start: RunStart) throws {
      let session = try TrainingJob(
        Recipe.tinyData2Vec, data: Manifest.open(tsv), scratch: studio.folder.url
      ) { _ in }
      let run = studio.run("run")
      try session.train(in: run, labels: run.labels, start, until: start == .new ? 1 : 2)
    }
    try manifest.write(to: tsv)
    try train(.new)
    manifest.entries.reverse()
    try manifest.write(to: tsv)
    expectLine("was trained on other data: the files come in another order") {
      try train(.resuming)
    }
  }

  /// What an older Etude wrote says nothing of the data; that is said once.
  @Test func checkpointsThatDoNotRecordTheirDataGoOn() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "whole")
    try studio.train(.tinyHuBERT, in: "old", labels: "whole", until: 3)
    let run = studio.run("old")
    try studio.editState(3, of: "old") { state in
      for key in ["data", "etude", "start"] { state[key] = nil }
    }
    for name in ["data.tsv", ".lock"] {
      try FileManager.default.removeItem(at: run.appendingPathComponent(name))
    }
    var information =
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: run.appendingPathComponent("run.json"))) as! [String: Any]
    information["work"] = nil
    try JSONSerialization.data(withJSONObject: information)
      .write(to: run.appendingPathComponent("run.json"))

    try studio.train(.tinyHuBERT, in: "old", labels: "whole", .resuming)
    #expect(studio.remarks.count { $0.contains("does not record its data") } == 1)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "old"))
    for (name, bytes) in a { #expect(bytes == b[name], "\(name)") }
  }

  /// Data that lost a file keeps the labels of the others.
  @Test func acceptedDataKeepsTheLabelsOfUnchangedFiles() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 2)
    let other = try copy(of: studio, "other")
    try FileManager.default.removeItem(at: other.appendingPathComponent("3.wav"))
    expectLine("1 file is gone (3.wav)") {
      try studio.train(.tinyHuBERT, in: "run", on: other, .resuming)
    }
    try studio.train(
      .tinyHuBERT, in: "run", on: other, .resuming, until: 3, acceptingOtherData: true)
    #expect(try studio.log(of: "run").map(\.step) == [1, 2, 3])
  }

  /// A process that is killed before its first checkpoint on accepted data leaves those of the former data.
  @Test func acceptedDataIsAcceptedAgain() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 2)
    let other = try copy(of: studio, "other")
    try FileManager.default.removeItem(at: other.appendingPathComponent("3.wav"))
    func goOn(until step: Int) throws {
      try studio.train(
        .tinyHuBERT, in: "run", on: other, .resuming, until: step, acceptingOtherData: true)
    }
    // No step, and so no checkpoint.
    try goOn(until: 2)
    expectLine("1 file is gone (3.wav)", "pass --data-changed") {
      try studio.train(.tinyHuBERT, in: "run", on: other, .resuming)
    }
    try studio.train(.tinyHuBERT, in: "run", .resuming, until: 2)
    try goOn(until: 2)
    try goOn(until: 3)
    #expect(try studio.log(of: "run").map(\.step) == [1, 2, 3])
    try studio.train(.tinyHuBERT, in: "run", on: other, .resuming, until: 4)
    expectLine("1 file is new (3.wav)") {
      try studio.train(.tinyHuBERT, in: "run", .resuming)
    }
  }

  @Test func aStageOfOtherDataTeachesNobody() throws {
    let studio = try TinyStudio()
    try studio.train(.tinySecond, in: "run", until: 1)
    let other = try copy(of: studio, "other")
    try FileManager.default.removeItem(at: other.appendingPathComponent("3.wav"))
    try FileManager.default.removeItem(at: studio.run("run").labels)
    try FileManager.default.removeItem(at: studio.run("run").checkpoints)
    try FileManager.default.removeItem(at: studio.run("run").logFile)
    expectLine("stages/hubert: was trained on other data: 1 file is gone (3.wav)") {
      try studio.train(.tinySecond, in: "run", on: other)
    }
    #expect(
      try RunFolder.dataDifferences(
        of: studio.run("run").stages.appendingPathComponent("hubert"),
        from: Manifest.open(studio.music.path)) == nil)
  }

  // MARK: - Labels

  @Test func labelsOfOthersAreNotReplaced() throws {
    let studio = try TinyStudio()
    let folder = studio.run("labels")
    try studio.session(.tinyMERT).teach(into: folder)
    let before = try Data(contentsOf: folder.appendingPathComponent("labels-0.h5"))
    var recipe = Recipe.tinyMERT
    recipe.teacher.kmeans[1].clustering.clusters = 7
    expectLine("labels-1.h5: holds the labels of another teacher", "choose another folder") {
      try studio.session(recipe).teach(into: folder)
    }
    recipe = .tinyMERT
    recipe.teacher.kmeans.removeLast()
    expectLine("labels-1.h5: is of a recipe with more teachers") {
      try studio.session(recipe).teach(into: folder)
    }
    let other = try copy(of: studio, "other")
    try FileManager.default.removeItem(at: other.appendingPathComponent("3.wav"))
    expectLine("labels-0.h5: holds the labels of other data: 1 file is gone (3.wav)") {
      try studio.session(.tinyMERT, data: other).teach(into: folder)
    }
    #expect(try Data(contentsOf: folder.appendingPathComponent("labels-0.h5")) == before)
    try studio.session(.tinyMERT, data: other).teach(into: folder, acceptingOtherData: true)
    #expect(
      try LabelStore(at: folder.appendingPathComponent("labels-0.h5").path).files.count == 3)
    // Labels of other audio are not kept by a labelling that was interrupted either.
    try FileManager.default.removeItem(at: folder.appendingPathComponent("labels-1.h5"))
    try studio.session(.tinyMERT).teach(into: folder, acceptingOtherData: true)
    #expect(
      try LabelStore(at: folder.appendingPathComponent("labels-0.h5").path).files.count == 4)
  }

  /// A file of the corpus' labels may be somebody else's, or broken.
  @Test func knownLabelsThatCannotBeReadAreSaid() throws {
    let studio = try TinyStudio()
    try studio.folder.write("{broken\n", to: "music/labels.jsonl")
    try studio.session(.tinyHuBERT).teach(into: studio.run("labels"))
    let remark = try #require(studio.remarks.first)
    #expect(remark.contains("codes are not held against known labels"))
    #expect(remark.contains("labels.jsonl:1") && !remark.contains("\n"))
  }

  // MARK: - Beginnings

  @Test func aRunRecordsWhatItBeganAsAndByWhat() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "first", until: 3)
    try studio.train(.tinyData2Vec, in: "random", until: 1)
    let checkpoints = [1, 3].map {
      studio.run($0 == 1 ? "random" : "first").appendingPathComponent("checkpoints/step-\($0)")
    }
    let models = try checkpoints.map { try StartingPoint($0.path, keepingHeads: false) }
    try studio.train(.tinyData2Vec, in: "run", until: 1, startingAs: models[1])

    let information = try RunInformation(of: studio.run("run"))
    #expect(information.start?.path == checkpoints[1].path)
    #expect(information.start?.keepsHeads == false)
    #expect(try RunInformation(of: studio.run("random")).start == nil)
    let work = try #require(information.work?.first)
    #expect(work.step == 0 && work.command == CommandLine.arguments && work.threads > 0)
    #expect(work.etude == "0.1.0" && work.program?.isEmpty == false && !work.cpu.isEmpty)

    for (beginning, words) in [
      (models[0], "and not as \(checkpoints[0].path)"),
      (
        try StartingPoint(checkpoints[1].path, keepingHeads: true),
        "and not as \(checkpoints[1].path) with its heads"
      ),
    ] {
      expectLine("the run began as \(checkpoints[1].path) \(words)", "leave out --init") {
        try studio.train(.tinyData2Vec, in: "run", .resumingIfThere, startingAs: beginning)
      }
    }
    expectLine("the run began at random and not as") {
      try studio.train(.tinyData2Vec, in: "random", .resumingIfThere, startingAs: models[1])
    }
    try studio.train(
      .tinyData2Vec, in: "run", .resumingIfThere, until: 2, startingAs: models[1])
    try studio.train(.tinyData2Vec, in: "run", .resuming, until: 3)
    let later = try RunInformation(of: studio.run("run"))
    #expect(later.start == information.start)
    #expect(later.work?.map(\.step) == [0, 1, 2])
  }

  // MARK: - The machine

  /// What is known of the process before and differs is named; what an older run did not keep is not.
  @Test(arguments: [
    (#""features": ["sse2"]"#, "goes on with other instructions, "),
    (#""features": []"#, "after no vectors, whose results may differ in the last bits"),
    (#""cpu": "Imaginary""#, "after Imaginary, whose results"), ("", ""),
  ])
  func anotherMachineIsNamed(before: String, words: String) throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "run", until: 2)
    let file = studio.run("run").appendingPathComponent("run.json")
    var run = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    var work = try #require((run["work"] as? [[String: Any]])?.last)
    #expect((work["features"] as? [String])?.isEmpty == false)
    work["features"] = nil
    let change = try JSONSerialization.jsonObject(with: Data("{\(before)}".utf8))
    work.merge(try #require(change as? [String: Any])) { $1 }
    run["work"] = [work]
    try JSONSerialization.data(withJSONObject: run).write(to: file)
    try studio.train(.tinyData2Vec, in: "run", .resuming, until: 4)
    let lines = studio.remarks.filter { $0.contains("differ in the last bits") }
    #expect(lines.count == (words.isEmpty ? 0 : 1) && lines.allSatisfy { $0.contains(words) })
  }
}
