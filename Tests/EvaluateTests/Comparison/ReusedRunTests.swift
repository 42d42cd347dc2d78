import Audio
import Evaluate
import Files
import Foundation
import Tensor
import Testing
import Train

/// What a comparison trained before counts only if it is the same.
@Suite struct ReusedRunTests {
  private func compare(_ data: String, in folder: URL) throws {
    _ = try Comparison(
      [.recipe(Tiny.recipe())], data: data, probeData: .folder(data), probes: Tiny.probes,
      folder: folder
    ).run(commands: [])
  }

  private func words(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func runsOfOtherDataAreNotReused() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      let out = folder.appending(path: "out")
      try compare(corpus, in: out)
      let other = folder.appending(path: "other")
      try FileManager.default.copyItem(at: URL(fileURLWithPath: corpus), to: other)
      // The same music, wherever it lies.
      try compare(other.path, in: out)
      let new = other.appending(path: "new.wav")
      try FileManager.default.copyItem(at: other.appending(path: "piece-0000.wav"), to: new)
      let text = words { try compare(other.path, in: out) }
      #expect(
        text.hasPrefix(
          "\(out.path)/tiny: was trained on other data: 1 file is new (new.wav); name the data"),
        "\(text)")
      try FileManager.default.removeItem(at: new)

      let busy = words {
        try FolderLock.hold(out) { _ in try compare(corpus, in: out) }
      }
      #expect(busy.hasPrefix("\(out.path): another process works here (process "), "\(busy)")
    }
  }

  @Test func updatesThatWereLeftOutAreCounted() {
    var report = ReportSample.report
    report.runs[0].trainings = [.init(seed: 1, steps: 9, seconds: 3, leftOut: 2)]
    #expect(report.html.contains("· 2 updates left out"))
    report.runs[0].trainings[0].leftOut = 0
    #expect(!report.html.contains("updates left out"))
  }
}
