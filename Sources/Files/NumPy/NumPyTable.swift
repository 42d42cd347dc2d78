import Foundation

/// A memory-mapped NumPy file with a table of integers, whose rows are padded with -1.
///
/// - Source: NumPy's `lib/format.py`, versions 1 to 3.
package struct NumPyTable: Sendable {
  package let rows: Int
  private let columns: Int
  private let data: Data
  private let start: Int
  private let type: Element

  /// The storage types, little-endian.
  private enum Element: String {
    case int8 = "|i1"
    case uint8 = "|u1"
    case int16 = "<i2"
    case uint16 = "<u2"
    case int32 = "<i4"
    case int64 = "<i8"

    var byteCount: Int {
      switch self {
      case .int8, .uint8: 1
      case .int16, .uint16: 2
      case .int32: 4
      case .int64: 8
      }
    }
  }

  package init(_ data: Data, path: String) throws(FileError) {
    func unreadable(_ reason: String) -> FileError { .unsuitable(path: path, reason: reason) }
    guard let (header, start) = Self.header(of: data) else {
      throw unreadable("does not begin as a NumPy file; is it complete?")
    }
    guard let name = header.firstMatch(of: /'descr': *'([^']*)'/)?.1,
      let type = Element(rawValue: String(name))
    else { throw unreadable("codes must be whole numbers of 8 to 64 bits, little-endian") }
    guard header.contains(/'fortran_order': *False/) else {
      throw unreadable("its rows are not contiguous; save numpy.ascontiguousarray(codes)")
    }
    guard let shape = header.firstMatch(of: /'shape': *\(([0-9]{1,12}), *([0-9]{1,12}),?\)/),
      let rows = Int(shape.1), let columns = Int(shape.2)
    else { throw unreadable("codes must be a table [files, longest], a row for each file") }
    let (count, isTooLarge) = rows.multipliedReportingOverflow(by: columns * type.byteCount)
    guard !isTooLarge, count == data.count - start else {
      throw unreadable("does not hold the \(rows) x \(columns) numbers it states; it was cut off")
    }
    (self.rows, self.columns, self.data) = (rows, columns, data)
    (self.start, self.type) = (start, type)
  }

  /// The numbers of a row without the padding.
  package func row(_ row: Int) -> [Int] {
    data.withUnsafeBytes { bytes in
      let first = start + row * columns * type.byteCount
      var numbers = (0..<columns).map { number(bytes, at: first + $0 * type.byteCount) }
      while numbers.last == -1 { numbers.removeLast() }
      return numbers
    }
  }

  private func number(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Int {
    func load<T: FixedWidthInteger>(_ type: T.Type) -> Int {
      Int(T(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: type)))
    }
    return switch type {
    case .int8: load(Int8.self)
    case .uint8: load(UInt8.self)
    case .int16: load(Int16.self)
    case .uint16: load(UInt16.self)
    case .int32: load(Int32.self)
    case .int64: load(Int64.self)
    }
  }

  /// The dictionary that describes the table, and the position of its first number.
  private static func header(of data: Data) -> (text: String, end: Int)? {
    guard data.count >= 12, data.prefix(6) == Data([0x93]) + Data("NUMPY".utf8) else { return nil }
    let version = data[6]
    let lengthBytes = version == 1 ? 2 : 4
    guard (1...3).contains(version) else { return nil }
    let length = (0..<lengthBytes).reduce(0) { $0 | Int(data[8 + $1]) << (8 * $1) }
    let start = 8 + lengthBytes
    guard length <= 1 << 16, start + length <= data.count,
      let text = String(validating: data[start..<start + length], as: UTF8.self)
    else { return nil }
    return (text, start + length)
  }
}
