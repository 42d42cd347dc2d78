import Audio
import Files
import Foundation

/// The codes of one codebook, a line for each file of a collection, as other programs keep them.
///
/// Text: whole numbers with spaces between them, `train.encodec_0` of MERT's scripts and `train.km` of
/// fairseq. NumPy (`.npy`): a table `[files, longest]` of whole numbers, each row filled up with -1, as
/// MERT reads with `numpy_memmap_label`. Both are mapped, not read: memory holds where the lines begin.
struct CodeFile: Sendable {
  let path: String
  private let lines: Lines

  private enum Lines: Sendable {
    case text(TextLines)
    case table(NumPyTable)
  }

  /// - Throws: `CodeFileError`; `FileError` if it is a broken NumPy file.
  init(_ path: String) throws {
    self.path = path
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    else {
      throw CodeFileError.missing(
        path, reason: "no such file of codes, or no permission to read it")
    }
    lines =
      path.hasSuffix(".npy")
      ? .table(try NumPyTable(data, path: path)) : .text(TextLines(data))
  }

  /// How many files it has codes of.
  var count: Int {
    switch lines {
    case .text(let text): text.count
    case .table(let table): table.rows
    }
  }

  /// The codes of one file, all below `size`.
  func codes(of file: Int, below size: Int) throws(CodeFileError) -> [Int32] {
    let codes = try numbers(of: file)
    if let code = codes.first(where: { $0 < 0 || $0 >= size }) {
      if try isShifted(size) {
        throw .shifted(path, line: file + 1, code: code, size: size)
      }
      throw .range(path, line: file + 1, code: code, size: size)
    }
    return codes.map { Int32($0) }
  }

  private func numbers(of file: Int) throws(CodeFileError) -> [Int] {
    switch lines {
    case .table(let table): return table.row(file)
    case .text(let text):
      do throws(NoNumber) {
        return try text.numbers(of: file)
      } catch {
        throw .word(path, line: file + 1, text: error.text)
      }
    }
  }

  /// Whether all codes lie in `4 ..< size + 4`, beyond fairseq's four special symbols.
  private func isShifted(_ size: Int) throws(CodeFileError) -> Bool {
    for file in 0..<count {
      guard try numbers(of: file).allSatisfy({ (4..<size + 4).contains($0) }) else { return false }
    }
    return true
  }
}

/// A word that is no whole number.
struct NoNumber: Error {
  var text: String
}

/// The lines of a mapped text.
private struct TextLines: Sendable {
  private let data: Data
  /// Where each line begins, and where the last one ends.
  private let starts: [Int]

  var count: Int { starts.count - 1 }

  init(_ data: Data) {
    var starts = [data.count - data.withoutMark.count]
    data.withUnsafeBytes { bytes in
      for (place, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
        starts.append(place + 1)
      }
    }
    if starts.last! < data.count { starts.append(data.count) }
    (self.data, self.starts) = (data, starts)
  }

  func numbers(of line: Int) throws(NoNumber) -> [Int] {
    let range = starts[line]..<starts[line + 1]
    let parsed: Result<[Int], NoNumber> = data.withUnsafeBytes { bytes in
      var numbers: [Int] = []
      for word in bytes[range].split(whereSeparator: \.isBlank) {
        guard let number = Self.number(word) else {
          return .failure(NoNumber(text: String(decoding: word.prefix(40), as: UTF8.self)))
        }
        numbers.append(number)
      }
      return .success(numbers)
    }
    return try parsed.get()
  }

  /// At most nine digits, maybe after a minus sign.
  private static func number(_ word: Slice<UnsafeRawBufferPointer>) -> Int? {
    let digits = word.first == UInt8(ascii: "-") ? word.dropFirst() : word
    guard (1...9).contains(digits.count) else { return nil }
    var value = 0
    for byte in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return digits.count == word.count ? value : -value
  }
}

extension UInt8 {
  fileprivate var isBlank: Bool { self == 32 || (9...13).contains(self) }
}
