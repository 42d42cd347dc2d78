import Files
import Foundation
import Models
import Tensor

extension FuzzTarget {
  /// Files of safetensors with well-formed headers and odd entries: shapes, ranges, types, names, nesting.
  static let safetensors = FuzzTarget(
    "safetensors", file: "input.safetensors", bytes: safetensorsFile
  ) { path in
    let url = URL(fileURLWithPath: path)
    _ = try SafeTensors(contentsOf: url).tensors()
    _ = try PretrainingHeads(contentsOf: url)
  }

  @Sendable private static func safetensorsFile(_ stream: inout RandomStream) -> [UInt8] {
    var (entries, end): ([String], Int) = ([], 0)
    if stream.once(in: 2) { entries.append("\"__metadata__\": \(metadata(&stream))") }
    for number in 0..<stream.one(of: [0, 1, 2, 5, 40]) {
      let name = stream.once(in: 10) ? quoted(stream.oddText()) : "\"codes.\(number)\""
      entries.append("\(name): \(entry(&stream, &end))")
    }
    if stream.once(in: 20) { entries.append(contentsOf: entries.prefix(1)) }
    entries.shuffle(using: &stream)
    var header = "{\(entries.joined(separator: ", "))}"
    if stream.once(in: 20) {
      let depth = stream.one(of: [10, 600, 100_000])
      header = String(repeating: "[", count: depth) + header + String(repeating: "]", count: depth)
    }
    header += String(repeating: " ", count: Int.random(in: 0..<9, using: &stream))
    let length = stream.once(in: 20) ? stream.oddInteger() : header.utf8.count
    let isRandom = stream.once(in: 4)
    let numbers = (0..<min(end, 1 << 16)).map { _ in
      isRandom ? UInt8.random(in: 0...255, using: &stream) : 0
    }
    return withUnsafeBytes(of: length) { Array($0) } + Array(header.utf8) + numbers
  }

  /// One tensor that follows the last, or nearly so.
  private static func entry(_ stream: inout RandomStream, _ end: inout Int) -> String {
    let types = [
      ("F32", 4), ("BF16", 2), ("F16", 2), ("I32", 4), ("I64", 8), ("F64", 8), ("BOOL", 1),
    ]
    let (type, bytes) = stream.one(of: types)
    let shape = (0..<stream.one(of: [0, 1, 2, 3])).map { _ in Int.random(in: 0..<5, using: &stream)
    }
    let begin = end
    end += bytes * shape.reduce(1, *)
    var (axes, range) = ("\(shape)", "[\(begin), \(end)]")
    if stream.once(in: 12) { axes = "[\(stream.oddInteger()), \(stream.oddInteger())]" }
    if stream.once(in: 40) { axes = "\([Int](repeating: 1, count: 5000))" }
    if stream.once(in: 12) { range = "[\(stream.oddInteger()), \(stream.oddInteger())]" }
    if stream.once(in: 30) { (axes, range) = (range, quoted(stream.oddText())) }
    let name = stream.once(in: 20) ? quoted(stream.oddText()) : "\"\(type)\""
    return "{\"dtype\": \(name), \"shape\": \(axes), \"data_offsets\": \(range)}"
  }

  private static func metadata(_ stream: inout RandomStream) -> String {
    guard stream.once(in: 5) else { return "{\"format\": \"pt\"}" }
    return stream.one(of: [
      "{\"special_symbols\": \"4\"}", "{\"special_symbols\": \"1e9\"}",
      "{\"special_symbols\": \"9223372036854775807\"}", "{\"a\": {\"b\": 1}}", "[]", "null",
    ])
  }

  /// A text as JSON has it.
  static func quoted(_ text: String) -> String {
    let json = try? JSONEncoder().encode(text)
    return String(decoding: json ?? Data("\"\"".utf8), as: UTF8.self)
  }
}
