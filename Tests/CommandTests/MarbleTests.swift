import Audio
import Files
import Foundation
import TestSupport
import Testing

/// `etude marble`.
@Suite(.enabled(if: BuiltCommand.isThere)) struct MarbleTests {
  private let folder: TestFolder

  /// Twelve tones, low and high, in three parts.
  init() throws {
    folder = try TestFolder()
    var rows = ["path,label,split"]
    for (number, part) in ["train", "valid", "test"].flatMap({ [$0, $0, $0, $0] }).enumerated() {
      let pitch: Float = number % 2 == 0 ? 0.03 : 0.3
      try AudioFile.write(
        (0..<12_000).map { 0.3 * sin(Float($0) * pitch) }, sampleRate: 24_000,
        to: folder.path("\(number).wav"))
      rows.append("\(number).wav,\(number % 2 == 0 ? "low" : "high"),\(part)")
    }
    try folder.write(rows.joined(separator: "\n"), to: "pitch.csv")
  }

  private func run(_ options: String) throws -> (code: Int32, errors: String) {
    try BuiltCommand.run("cd '\(folder.path)' && \"$ETUDE\" marble \(options)")
  }

  @Test func scoresOfATableAsJSON() throws {
    let line = "--model mfcc --labels pitch.csv --out out --rates 0.001 --json > scores.json"
    let (code, errors) = try run(line)
    #expect(code == 0, "\(errors)")
    let scores = try JSONDecoder().decode(
      [String: [String: [String: Double]]].self,
      from: Data(contentsOf: folder.url.appendingPathComponent("scores.json")))
    #expect(scores == ["mfcc": ["pitch": ["accuracy": 1]]])
    #expect(errors.contains("pitch: 4 items to train on, 4 to choose, 4 to test"))
    for name in ["scores.json", "report.json", "report.md", "report.html"] {
      #expect(FileManager.default.fileExists(atPath: folder.path("out/\(name)")))
    }
    // A second time nothing is embedded or trained.
    let again = try run(line).errors
    #expect(!again.contains("embed") && !again.contains("probe"), "\(again)")
    try folder.write(
      try folder.text(of: "pitch.csv").replacing("0.wav,low", with: "0.wav,high"), to: "pitch.csv")
    #expect(try run(line).errors.contains("probe"))
  }

  /// One name would stand for two scores.
  @Test func tasksOfOneNameAreRefused() throws {
    let table = try folder.text(of: "pitch.csv").replacing("\n", with: "\n../")
    try folder.write(table, to: "other/pitch.csv")
    let twice = try run("--model mfcc --labels pitch.csv --labels other/pitch.csv --out out")
    #expect(twice.code == 1)
    #expect(twice.errors.contains("other/pitch.csv: would be a second task 'pitch' beside "))
    try folder.write(try folder.text(of: "pitch.csv"), to: "GTZAN.csv")
    let published = try run("--model mfcc --labels GTZAN.csv --out out")
    #expect(published.code == 1)
    #expect(published.errors.contains("a second task 'GTZAN' beside MARBLE's own"))
  }

  /// What can be told apart in the training part alone.
  @Test func aPartThatIsAllAlikeIsNamed() throws {
    let lines = try folder.text(of: "pitch.csv").split(separator: "\n").dropFirst()
    let rows = lines.map { line in
      let cells = line.split(separator: ",")
      return "\(cells[0]),\(cells[2] == "test" ? "1" : cells[1] == "low" ? "0" : "1"),\(cells[2])"
    }
    for (target, what) in [
      ("number", "'number' has only one value"), ("labels", "each tag applies"),
      ("label", "are of the class '1'"),
    ] {
      try folder.write("path,\(target),split\n" + rows.joined(separator: "\n"), to: "alike.csv")
      let (code, errors) = try run("--model mfcc --labels alike.csv --out out")
      #expect(
        code == 1 && errors.contains(what) && errors.contains("of the test part"), "\(errors)")
      #expect(!errors.contains("embed"))
    }
  }

  /// A part that begins after the end of every file is left out, however late.
  @Test func aPartBeyondTheEndIsLeftOut() throws {
    let rows = try folder.text(of: "pitch.csv").split(separator: "\n").dropFirst()
    let table =
      ["path,label,split,start,end"] + rows.map { "\($0),," } + ["0.wav,low,train,1e20,2e20"]
    try folder.write(table.joined(separator: "\n"), to: "parts.csv")
    let (code, errors) = try run("--model mfcc --labels parts.csv --out out --rates 0.001")
    #expect(code == 0, "\(errors)")
    #expect(try folder.text(of: "out/report.json").contains("ends before 1e+20 s"))
  }

  @Test(arguments: [
    ("--model mfcc --out out", "give --data, --labels or both"),
    ("--model mfcc --data . --tasks GS,XY --out out", "--tasks XY: no such task; choose from MTT"),
    ("--model mfcc --data . --out out", "none of the tasks MTT, GS"),
    ("--model nowhere --labels pitch.csv --out out", "nowhere: no such file or folder"),
    ("--model mfcc --labels pitch.csv --out out --rates 0", "--rates 0: give numbers above 0"),
    (
      "--model '\(goldenFolder.path)/models/hubert-post' --labels pitch.csv --out out --layers 99",
      "--layers 99: the model has the layers"
    ),
    (
      "--model mfcc --labels pitch.csv --out out --probe ridge",
      "ridge regression predicts numbers, this task has classes"
    ),
    (
      "--model mfcc --labels pitch.csv --out out --penalties 1", "--penalties: are those of --probe"
    ),
    (
      "--model mfcc --labels pitch.csv --out out --probe logistic --rates 1",
      "--rates and --epochs: are those of --probe mlp"
    ),
    (
      "--model mfcc --labels pitch.csv --out out --finetune lora",
      "--finetune: mfcc is hand-made and has nothing to train"
    ),
    ("--model mfcc --labels pitch.csv --out out --finetune last:0", "'last:0'"),
    (
      "--model mfcc --labels pitch.csv --out out --lora-rank 4",
      "--lora-rank: is that of --finetune"
    ),
    ("--model mfcc --labels pitch.csv --out out --keep kept", "--keep: keeps fine-tuned models"),
    (
      "--model mfcc --labels pitch.csv --out out --protocol v2",
      "none of the tasks pitch can be scored; the first: not in MARBLE v2"
    ),
    ("--model mfcc --model mfcc --labels pitch.csv --out out", "--model mfcc: is given twice"),
    ("--model mfcc --labels none.csv --out out", "none.csv: no such file"),
    ("data nowhere", "nowhere: no such folder"),
  ])
  func mistakesAreNamed(options: String, words: String) throws {
    let (code, errors) = try run(options)
    #expect(code != 0)
    #expect(errors.contains(words), "\(errors)")
  }
}
