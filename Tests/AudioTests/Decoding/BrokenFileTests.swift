import Audio
import TestSupport
import Testing

@Suite struct BrokenFileTests {
  @Test(arguments: BrokenFile.allCases)
  func isRefusedInOneLine(broken: BrokenFile) throws {
    let folder = try TestFolder()
    let path = try broken.make(in: folder)
    let error = #expect(throws: AudioError.self) {
      try AudioFile(path).check(minimumSeconds: 0.5)
    }
    let line = error?.description ?? ""
    #expect(line.hasPrefix(path + ": "))
    #expect(line.contains(broken.complaint), "\(line)")
    #expect(!line.contains("\n"))
  }

  @Test func aTruncatedFileSaysHowMuchIsLeft() throws {
    let folder = try TestFolder()
    let path = try BrokenFile.truncatedWav.make(in: folder)
    let error = #expect(throws: AudioError.self) { try AudioFile(path).samples() }
    guard case .truncated(path, let decoded, 60_000) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(abs(decoded - 36_000) < 50)
  }

  @Test func opposedChannelsAreSilence() throws {
    let folder = try TestFolder()
    let path = folder.path("opposed.wav")
    let interleaved = tones(8000, sampleRate: 8000).flatMap { [$0, -$0] }
    try AudioFile.write(
      interleaved, sampleRate: 8000, channels: 2, encoding: .float32, to: path)
    #expect(throws: AudioError.silent(path: path, .channelsCancelOut)) {
      try AudioFile(path).check(minimumSeconds: 0.1)
    }
  }
}
