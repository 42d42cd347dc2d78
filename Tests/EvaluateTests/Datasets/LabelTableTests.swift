import Corpus
import Evaluate
import Foundation
import TestSupport
import Testing

@Suite struct LabelTableTests {
  private let folder = try! TestFolder()

  /// A table and the files `a.wav` to `f.wav` beside it.
  private func read(_ text: String, as name: String = "labels.csv") throws -> LabelledDataset {
    for file in "abcdef" { try folder.write(Data([0]), to: "\(file).wav") }
    return try LabelTable.read(URL(fileURLWithPath: try folder.write(text, to: name)))
  }

  @Test func theFixture() throws {
    let dataset = try LabelTable.read(
      try LabelTableFixture.write(below: folder.url, seconds: 0.01))
    #expect(Split.allCases.map(dataset.count) == [4, 4, 4])
    #expect(dataset.classes == ["high", "low"])
    #expect(dataset.remarks.isEmpty && dataset.leftOut.isEmpty)
    #expect(dataset.items[1].truth == .label(1))
    #expect(dataset.items[1].path == folder.path("own/audio/train-1.wav"))
  }

  @Test func partsOfFiles() throws {
    let dataset = try read(
      """
      label,end,path,start,split
      rock,3,a.wav,1.5,train
      jazz,4.5,a.wav,3,train
      rock,,b.wav,,valid
      jazz,2,c.wav,0,test
      """)
    #expect(dataset.items.map(\.time) == [1.5..<3, 3..<4.5, nil, 0..<2])
    #expect(
      dataset.items.map(\.name) == [
        "a.wav 1.5-3.0 s", "a.wav 3.0-4.5 s", "b.wav", "c.wav 0.0-2.0 s",
      ])
    #expect(dataset.items.map(\.truth) == [.label(1), .label(0), .label(1), .label(0)])
  }

  @Test func tags() throws {
    let dataset = try read(
      "path\tlabels\tsplit\r\na.wav\tloud| fast |loud\ttrain\r\n"
        + "b.wav\t\tvalid\r\nc.wav\tfast\ttest\r\n",
      as: "labels.tsv")
    #expect(dataset.classes == ["fast", "loud"])
    #expect(dataset.items.map(\.truth) == [.labels([0, 1]), .labels([]), .labels([0])])
  }

  @Test func numbers() throws {
    let dataset = try read("path,number,split\na.wav,-1.5,train\nb.wav,2e3,valid\nc.wav,0,test\n")
    #expect(dataset.classes == ["number"])
    #expect(dataset.items.map(\.truth) == [.numbers([-1.5]), .numbers([2000]), .numbers([0])])
  }

  /// Python's `hashlib`: the SHA-1 of a to f modulo 5 is 2, 0, 1, 3, 1, 4.
  @Test func dividesTracksByTheirHash() throws {
    let dataset = try read(
      "path,label,track\na.wav,x,a\nb.wav,y,b\nc.wav,x,c\nd.wav,y,d\ne.wav,x,d\nf.wav,y,f\n")
    #expect(dataset.items.map(\.split) == [.train, .train, .train, .valid, .valid, .test])
    #expect(
      dataset.remarks
        == [
          "The labels name no parts: tracks are divided 60:20:20 by a hash of their names."
        ])
  }

  /// The remainders of the paths, also from `hashlib`: 1, 3, 4.
  @Test func dividesFilesByTheirPath() throws {
    for name in ["low1.wav", "low9.wav", "low0.wav"] { try folder.write(Data([0]), to: name) }
    let dataset = try read("path,label\nlow1.wav,x\nlow9.wav,y\nlow0.wav,y\n")
    #expect(dataset.items.map(\.split) == [.train, .valid, .test])
  }

  /// A byte that is not UTF-8 is written as elsewhere, `\xE9`.
  @Test func namesInLatin1() throws {
    let plain = try folder.write(Data([0]), to: "plain.wav")
    let latin = Array(folder.path("caf").utf8) + [0xE9] + Array(".wav".utf8) + [0]
    let moved = latin.withUnsafeBytes {
      rename(plain, $0.baseAddress!.assumingMemoryBound(to: CChar.self))
    }
    try #require(moved == 0)
    let dataset = try read(
      "path,label,split\ncaf\\xE9.wav,x,train\nb.wav,y,valid\nc.wav,y,test\n")
    #expect(dataset.leftOut.isEmpty && dataset.items[0].path == folder.path("caf\\xE9.wav"))
  }

  @Test func pathsMayBeAbsoluteOrLeadOut() throws {
    let dataset = try read(
      "path,label,split\n\(folder.path("a.wav")),x,train\n../b.wav,y,valid\n../c.wav,y,test\n",
      as: "below/labels.csv")
    #expect(dataset.items[0].path == folder.path("a.wav"))
    #expect(dataset.items.count == 3)
  }

  @Test func leavesOutWhatIsMissing() throws {
    let dataset = try read(
      "path,label,split\na.wav,x,train\nb.wav,y,valid\nc.wav,y,test\nz.wav,x,train\n.,x,train\n")
    #expect(
      dataset.leftOut == [Omission("z.wav", "no such file"), Omission(".", "no such file")])
    #expect(dataset.items.count == 3)
  }

  @Test(arguments: [
    ("", ": is empty; get the file again"),
    ("path,label\n", ": has no rows below its header"),
    ("file,label\na.wav,x\n", ", line 1: has no column 'path'; its columns are 'file', 'label'"),
    ("path,label,label\na.wav,x,y\n", ", line 1: has two columns 'label'; keep one"),
    (
      "path,class\na.wav,x\n",
      ", line 1: needs one of the columns 'label', 'labels' and 'number', has 0"
    ),
    (
      "path,label,number\na.wav,x,1\n",
      ", line 1: needs one of the columns 'label', 'labels' and 'number', has 2"
    ),
    ("path,label,start\na.wav,x,1\n", ", line 1: has one of 'start' and 'end'; give both"),
    ("path,label\na.wav\n", ", line 2: has 1 cells where 'label' is number 2"),
    ("path,label\na.wav, \n", ", line 2: 'label' is empty"),
    ("path,label\n,x\n", ", line 2: 'path' is empty"),
    ("path,label,track\na.wav,x,\n", ", line 2: 'track' is empty"),
    ("path,number\na.wav,loud\n", ", line 2: 'number' is 'loud', which is no number"),
    ("path,number\na.wav,inf\n", ", line 2: 'number' is 'inf', which is no number"),
    (
      "path,label,start,end\na.wav,x,3,2\n",
      ", line 2: goes from 3.0 to 2.0 s; 'start' is at least 0 and 'end' is later"
    ),
    (
      "path,label,start,end\na.wav,x,2,2\n",
      ", line 2: goes from 2.0 to 2.0 s; 'start' is at least 0 and 'end' is later"
    ),
    (
      "path,label,start,end\na.wav,x,-1,2\n",
      ", line 2: goes from -1.0 to 2.0 s; 'start' is at least 0 and 'end' is later"
    ),
    ("path,label,start,end\na.wav,x,1,\n", ", line 2: 'end' is '', which is no number"),
    ("path,label,start,end\na.wav,x,nan,2\n", ", line 2: 'start' is 'nan', which is no number"),
    ("path,label,split\na.wav,x,dev\n", ", line 2: 'split' is 'dev', not train, valid or test"),
    ("path,label\na.wav,x\n\nb.wav,y\na.wav,x\n", ", line 5: names a.wav again, after line 2"),
    ("path,label\na.wav,x\nb.wav,x\n", ", line 2: 'x' is the only class; give at least two"),
    (
      "path,labels\na.wav,x\nb.wav,x|x\n",
      ", line 2: all rows have the same set of tags; give at least two"
    ),
    (
      "path,labels\na.wav,\nb.wav,\n",
      ", line 2: all rows have the same set of tags; give at least two"
    ),
    ("path,number\na.wav,1\nb.wav,1.0\n", ", line 2: 1.0 is the only number; give at least two"),
    (
      "path,label,split,start,end\na.wav,x,train,0,1\na.wav,y,test,1,2\n",
      ", line 3: puts 'a.wav' into test, line 2 into train; keep a track in one split"
    ),
    (
      "path,label,split,start,end\na.wav,x,train,0,1\n./a.wav,y,test,1,2\n",
      ", line 3: './a.wav' is in test, and in line 2 the same file in train; "
        + "keep a file in one split, under one path"
    ),
    ("path,label\na.wav,x\n./a.wav,y\n", ", line 3: names ./a.wav again, after line 2"),
    (
      "path,label,split\na.wav,x,train\nb.wav,y,test\n",
      ": has no item for valid that can be used; add rows, or divide them in a column 'split'"
    ),
    (
      "path,label\ny.wav,x\nz.wav,y\n",
      ": has no item that can be used (y.wav: no such file); "
        + "add rows, or divide them in a column 'split'"
    ),
  ])
  func namesTheLine(text: String, error: String) throws {
    let thrown = #expect(throws: DatasetError.self) { try read(text) }
    #expect(thrown?.description == folder.path("labels.csv") + error)
  }

  @Test func refusesOtherFiles() throws {
    let text = #expect(throws: DatasetError.self) { try read("path,label\n", as: "labels.txt") }
    #expect(
      text?.description == folder.path("labels.txt") + ": a table of labels ends with .csv or .tsv")
    let path = folder.path("none.csv")
    let missing = #expect(throws: DatasetError.self) {
      try LabelTable.read(URL(fileURLWithPath: path))
    }
    #expect(missing?.description == "\(path): no such file")
    let latin = try folder.write(Data([0x70, 0xE9, 0x0A]), to: "latin.csv")
    let encoding = #expect(throws: DatasetError.self) {
      try LabelTable.read(URL(fileURLWithPath: latin))
    }
    #expect(
      encoding?.description == "\(latin): is no UTF-8 text; save it as UTF-8, or get the file again"
    )
  }

  @Test func headersMayHaveBlanks() throws {
    let dataset = try read("path, label , split\na.wav,x,train\nb.wav,y,valid\nc.wav,y,test\n")
    #expect(dataset.items.map(\.split) == [.train, .valid, .test])
  }

  /// Some lines of a corpus under another name are these pieces; `labels.jsonl` beside them is not read.
  @Test func linesOfACorpusMayHaveAnotherName() throws {
    let corpus = try Tiny.corpus(folder.url.appending(path: "corpus"))
    let lines = try folder.text(of: "corpus/labels.jsonl").split(separator: "\n")
    try folder.write(lines.dropFirst().joined(separator: "\n"), to: "corpus/some.jsonl")
    let task = try MarbleTask(labels: URL(fileURLWithPath: "\(corpus)/some.jsonl"))
    #expect(task.name == "some")
    let items = try task.read(folder.url).items
    #expect(items.map(\.name) == (1..<12).map(Corpus.fileName))
    #expect(items[0].path == folder.path("corpus/piece-0001.wav"))
    let missing = folder.path("corpus/none.jsonl")
    let error = #expect(throws: DatasetError.self) {
      try MarbleTask(labels: URL(fileURLWithPath: missing))
    }
    #expect(error?.description == "\(missing): no such file")
  }

  /// A link is the file that it leads to, whatever its track is called.
  @Test func aLinkIsTheSameFile() throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("link.wav"), withDestinationPath: "a.wav")
    let error = #expect(throws: DatasetError.self) {
      try read(
        "path,label,track,split,start,end\na.wav,x,one,train,0,1\nlink.wav,y,two,test,1,2\n")
    }
    #expect(error?.description.contains("line 3: 'link.wav' is in test, and in line 2") == true)
  }
}
