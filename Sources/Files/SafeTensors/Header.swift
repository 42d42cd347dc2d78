import Foundation

extension SafeTensors {
  /// What stands in front of the elements: where each tensor lies.
  struct Header: Codable {
    /// What is wrong with a file, to be completed with its name.
    struct Problem: Error { var text: String }

    /// One tensor: type, lengths of the axes, first byte and the one past the last.
    struct Entry: Codable {
      var dtype: String
      var shape: [Int]
      var offsets: [Int]

      var begin: Int { offsets[0] }
      var end: Int { offsets[1] }

      enum CodingKeys: String, CodingKey {
        case dtype, shape
        case offsets = "data_offsets"
      }
    }

    var metadata: [String: String] = [:]
    var entries: [String: Entry] = [:]

    /// The reference implementation's bound: a hostile length must not make us read the disk.
    static let maximumByteCount = 100_000_000
  }
}

extension SafeTensors.Header {
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private static let metadataKey = Key(stringValue: "__metadata__")

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for key in container.allKeys {
      if key.stringValue == Self.metadataKey.stringValue {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    if !metadata.isEmpty { try container.encode(metadata, forKey: Self.metadataKey) }
    for (name, entry) in entries { try container.encode(entry, forKey: Key(stringValue: name)) }
  }
}

extension SafeTensors.Header {
  /// The header at the start of a file, and where the elements begin.
  static func read(
    from bytes: UnsafeRawBufferPointer
  ) throws -> (SafeTensors.Header, dataStart: Int) {
    guard bytes.count >= 8 else { throw Problem(text: "it has only \(bytes.count) bytes") }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= maximumByteCount, length <= bytes.count - 8 else {
      throw Problem(text: "its header claims \(length) of the file's \(bytes.count) bytes")
    }
    let dataStart = 8 + Int(length)
    let json = Data(bytes[8..<dataStart])
    // Foundation reads UTF-16 too; in the format's UTF-8 no byte is 0.
    guard !json.contains(0), let header = try? JSONDecoder().decode(Self.self, from: json) else {
      throw Problem(text: "its header is not the JSON of tensors")
    }
    if let key = JSONKeys.firstDuplicate(in: json) {
      throw Problem(text: "its header has '\(key)' twice")
    }
    return (header, dataStart)
  }

  /// That the tensors have the bytes their shapes need and fill the file without hole or overlap.
  func check(byteCount: Int) throws {
    for (name, entry) in entries { try entry.check(name) }
    var end = 0
    for (name, entry) in entries.sorted(by: {
      $0.value.offsets.lexicographicallyPrecedes($1.value.offsets)
    }) {
      guard entry.begin == end else {
        let fault = entry.begin < end ? "overlaps the one before it" : "comes after a hole"
        throw Problem(text: "tensor '\(name)' \(fault)")
      }
      end = entry.end
    }
    guard end == byteCount else {
      throw Problem(text: "its tensors take \(end) bytes and \(byteCount) are there")
    }
  }
}

extension SafeTensors.Header.Entry {
  /// Bytes of one element by the format's names of types.
  private static let elementByteCounts = [
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2,
    "U16": 2, "I8": 1, "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1,
  ]

  fileprivate func check(_ name: String) throws {
    func problem(_ text: String) -> SafeTensors.Header.Problem {
      .init(text: "tensor '\(name)' \(text)")
    }
    guard let elementByteCount = Self.elementByteCounts[dtype] else {
      throw problem("has the unknown type '\(dtype)'")
    }
    guard offsets.count == 2, begin >= 0, begin <= end else {
      throw problem("has the offsets \(offsets)")
    }
    guard shape.count <= TorchTensor.maximumRank else {
      throw problem("has \(shape.count) axes")
    }
    var byteCount = elementByteCount
    for length in shape {
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow else { throw problem("has the impossible shape \(shape)") }
      byteCount = product
    }
    guard byteCount == end - begin else {
      throw problem("of shape \(shape) needs \(byteCount) bytes and has \(end - begin)")
    }
  }
}
