import Audio
import Foundation
import Pretrain
import Tensor

extension FuzzTarget {
  /// NumPy's tables of codes with odd headers, shapes and numbers.
  static let codeTable = FuzzTarget("code-table", file: "input.npy", bytes: codeTable, read: codes)

  /// Texts of codes, a line for each file.
  static let codeText = FuzzTarget("code-text", file: "input.km", bytes: codeText, read: codes)

  @Sendable private static func codes(_ path: String) throws {
    let audio = SilentFiles()
    let manifest = Manifest(root: "/", entries: audio.files)
    let codes = try ImportedCodes(
      path, codebookSizes: [500], of: manifest, named: path, hop: 320)
    for file in audio.files.indices { _ = try codes.codes(of: file, in: audio) }
  }

  @Sendable private static func codeTable(_ stream: inout RandomStream) -> [UInt8] {
    let type = stream.once(in: 10) ? stream.one(of: ["<f4", ">i4", "|O", "<i9"]) : "<i4"
    let order = stream.once(in: 20) ? "True" : "False"
    var shape = "(3, 9)"
    if stream.once(in: 4) {
      shape = stream.one(of: [
        "(27,)", "(0, 0)", "(999999999999, 0)", "(0, 999999999999)", "(9223372036854775807, 4)",
        "()",
        "(3, 9, 1)", "(-3, 9)", "(3, 8)", "(3, 9",
      ])
    }
    var header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }"
    header += String(repeating: " ", count: stream.one(of: [0, 10, 60_000])) + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [stream.once(in: 10) ? 3 : 1, 0]
    let length = stream.once(in: 20) ? stream.oddInteger() : header.utf8.count
    bytes += (0..<(bytes[6] == 3 ? 4 : 2)).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    bytes += Array(header.utf8)
    for number in 0..<27 {
      let code = stream.once(in: 200) ? stream.oddInteger() : number % 9 < 6 ? number : -1
      bytes += withUnsafeBytes(of: Int32(truncatingIfNeeded: code)) { Array($0) }
    }
    return bytes
  }

  @Sendable private static func codeText(_ stream: inout RandomStream) -> [UInt8] {
    let lines = (0..<(stream.once(in: 20) ? 4 : 3)).map { _ in
      (0..<6).map { _ in
        if stream.once(in: 200) { return stream.oddText() }
        return stream.once(in: 200)
          ? "\(stream.oddInteger())" : "\(Int.random(in: 0..<500, using: &stream))"
      }.joined(separator: stream.once(in: 20) ? "\t " : " ")
    }
    return Array((lines.joined(separator: stream.once(in: 10) ? "\r\n" : "\n") + "\n").utf8)
  }
}

/// Three files of six codes each.
private struct SilentFiles: AudioSource {
  let sampleRate = 24_000
  let files = (0..<3).map { Manifest.Entry(path: "\($0).wav", samples: 6 * 320) }
  let skipped: [Manifest.Skipped] = []

  func crop(file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    buffer.update(repeating: 0)
  }
}
