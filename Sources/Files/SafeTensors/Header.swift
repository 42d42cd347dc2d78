import Foundation

extension SafeTensors {
  /// The header: the type, shape and position of each tensor.
  struct Header: Codable {
    /// An error in a file, without the file's name.
    struct Problem: Error { var text: String }

    /// One tensor: its type, the lengths of its axes, and the range of its bytes.
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

    /// The limit of the reference implementation, so that a malicious length cannot exhaust memory.
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
  /// The header at the start of a file, and the position of the first element.
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
    // Foundation also reads UTF-16. UTF-8, which the format requires, has no byte of 0 in JSON.
    guard !json.contains(0), let header = try? JSONDecoder().decode(Self.self, from: json) else {
      throw Problem(text: "its header is not the JSON of tensors")
    }
    if let key = JSONKeys.firstDuplicate(in: json) {
      throw Problem(text: "its header has '\(key)' twice")
    }
    return (header, dataStart)
  }

  /// Checks that each tensor has as many bytes as its shape needs, and that the tensors fill the
  /// file without gaps or overlaps.
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
  /// The bytes of one element, by the format's type names.
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
