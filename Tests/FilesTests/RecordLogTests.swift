import Files
import Foundation
import TestSupport
import Testing

/// A log to which processes append, and which a killed one may leave with half a line.
@Suite struct RecordLogTests {
  private let folder: TestFolder
  private let url: URL

  init() throws {
    folder = try TestFolder()
    url = folder.url.appendingPathComponent("x.log")
  }

  private func records() throws -> [[String]] {
    try RecordLog(at: url).records(fields: 2).map { $0.map(String.init) }
  }

  @Test func whatIsAppendedIsRead() throws {
    #expect(try records() == [], "a log that is not there is empty")
    let log = RecordLog(at: url)
    try log.append(["a", "1"])
    try log.append(["", "ünï 🎹"])
    #expect(try records() == [["a", "1"], ["", "ünï 🎹"]])
  }

  @Test func damagedLinesArePassedOver() throws {
    let log = RecordLog(at: url)
    for number in 0..<3 { try log.append(["key", "\(number)"]) }
    var bytes = try Data(contentsOf: url)
    let middle = bytes.count / 2
    bytes[middle] = UInt8(ascii: "x")
    try bytes.write(to: url)
    #expect(try records() == [["key", "0"], ["key", "2"]])
    // A line that was cut short does not swallow the next.
    try bytes.dropLast(9).write(to: url)
    try log.append(["key", "3"])
    #expect(try records() == [["key", "0"], ["key", "3"]])
    try log.append(["a record", "of another", "length"])
    #expect(try records().count == 2)
  }

  @Test func severalThreadsAppendAtOnce() throws {
    let log = RecordLog(at: url)
    DispatchQueue.concurrentPerform(iterations: 200) { number in
      try? log.append(["\(number)", String(repeating: "x", count: number)])
    }
    let found = try records()
    #expect(Set(found.map { $0[0] }) == Set((0..<200).map(String.init)) && found.count == 200)
    #expect(found.allSatisfy { $0[1].count == Int($0[0]) })
  }

  @Test func aFullDiskIsAnError() throws {
    #expect {
      try RecordLog(at: URL(fileURLWithPath: "/dev/full")).append(["a", "b"])
    } throws: {
      "\($0)".contains("the disk is full")
    }
  }
}
