import Files
import Foundation
import HDF5
import Pretrain
import Tensor
import TestSupport
import Testing

/// Arrays and stores that find no room. The process goes on and exits as it should: HDF5 used to crash at
/// exit, over the file that it could not flush.
@Suite struct FullDiskTests {
  @Test(arguments: ["h5", "npy", "safetensors"])
  func anArrayThatFindsNoRoom(ending: String) async throws {
    let result = try await #require(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) { [ending] in
      let folder = try TestFolder()
      limitFileSize(to: 20_000)
      do {
        try ArrayFile.write(
          [("a", Tensor.ones([100, 100])), ("b", Tensor.ones([100, 100]))].prefix(
            ending == "npy" ? 1 : 2
          ).map { (name: $0.0, tensor: $0.1) }, to: folder.path("a." + ending))
      } catch {
        FileHandle.standardError.write(Data("\(error), left: \(try folder.names)".utf8))
      }
    }
    expectNoRoom("a." + ending, result.standardErrorContent)
  }

  @Test(arguments: ["h5", "npy", "safetensors"])
  func rowsThatFindNoRoom(ending: String) async throws {
    let result = try await #require(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) { [ending] in
      let folder = try TestFolder()
      limitFileSize(to: 20_000)
      do {
        try ArrayFile.write("a", rowsOf: 100, to: folder.path("a." + ending)) { add in
          for _ in 0..<10 { try add(Tensor.ones([100, 100])) }
        }
      } catch {
        FileHandle.standardError.write(Data("\(error), left: \(try folder.names)".utf8))
      }
    }
    expectNoRoom("a." + ending, result.standardErrorContent)
  }

  @Test func labelsThatFindNoRoom() async throws {
    let result = try await #require(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      let folder = try TestFolder()
      limitFileSize(to: 20_000)
      do {
        let writer = try LabelStoreWriter(
          at: folder.path("labels.h5"),
          description: .init(
            teacher: "t", rate: LabelRate(sampleRate: 8_000, hop: 80), codebookSizes: [9],
            creator: "test"))
        for file in 0..<100 {
          let codes = Tensor((0..<1_000).map { Int32($0 % 9) }, shape: [1, 1_000])
          try writer.append("\(file).wav", codes: codes, samples: 80_000, audioHash: 1)
        }
        try writer.finish()
      } catch {
        FileHandle.standardError.write(Data("\(error)".utf8))
      }
      FileHandle.standardError.write(Data(", left: \(try folder.names)".utf8))
    }
    expectNoRoom("labels.h5", result.standardErrorContent)
  }

  private func expectNoRoom(
    _ name: String, _ output: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let text = String(decoding: output, as: UTF8.self)
    let words = [
      "\(name): cannot be written: file too large", "raise the limit of a file's size", "left: []",
    ]
    for word in words { #expect(text.contains(word), "\(text)", sourceLocation: sourceLocation) }
    #expect(!text.contains("Error Domain"), "\(text)", sourceLocation: sourceLocation)
  }
}
