import Audio
import Evaluate
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A picture as a reader of SVG sees it.
final class ReadPicture: NSObject, XMLParserDelegate {
  struct Element {
    var name: String
    var attributes: [String: String]
    var text = ""

    func number(_ name: String) -> Double { Double(attributes[name] ?? "") ?? .nan }
  }

  private(set) var elements: [Element] = []
  private(set) var isWellFormed = false

  init(_ svg: String) {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    isWellFormed = parser.parse()
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.append(Element(name: name, attributes: attributes))
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    elements[elements.count - 1].text += text
  }

  /// The texts, trimmed, in order.
  var texts: [String] {
    elements.filter { $0.name == "text" }.map {
      $0.text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }

  /// The label with this text.
  func label(_ text: String) throws -> Element {
    try #require(
      elements.first {
        $0.name == "text" && $0.text.trimmingCharacters(in: .whitespacesAndNewlines) == text
      }, "no label '\(text)' in \(texts)")
  }

  /// Where the raster lies.
  var frame: Element { elements.first { $0.name == "image" }! }

  /// The raster and the column of the colour bar.
  func images() throws -> [ReadImage] {
    try elements.filter { $0.name == "image" }.map { element in
      let reference = try #require(element.attributes["href"])
      let text = try #require(reference.components(separatedBy: "base64,").last)
      return try ReadImage(#require(Data(base64Encoded: text)))
    }
  }
}

/// A PNG file with a palette and stored blocks, read by the letter of its specification.
struct ReadImage {
  var width = 0
  var height = 0
  var palette: [[UInt8]] = []
  /// Indices into the palette, from the top.
  var rows: [[UInt8]] = []

  init(_ data: Data) throws {
    let bytes = [UInt8](data)
    try #require(Array(bytes[..<8]) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    func number(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    var (place, types, compressed) = (8, [String](), [UInt8]())
    while place < bytes.count {
      let length = number(place)
      let type = String(decoding: bytes[place + 4..<place + 8], as: UTF8.self)
      let content = Array(bytes[place + 8..<place + 8 + length])
      try #require(number(place + 8 + length) == Self.crc(bytes[place + 4..<place + 8 + length]))
      types.append(type)
      switch type {
      case "IHDR":
        (width, height) = (number(place + 8), number(place + 12))
        try #require(Array(content[8...]) == [8, 3, 0, 0, 0])
      case "PLTE":
        palette = stride(from: 0, to: length, by: 3).map { Array(content[$0..<$0 + 3]) }
      case "IDAT": compressed = content
      default: break
      }
      place += length + 12
    }
    try #require(types == ["IHDR", "PLTE", "IDAT", "IEND"])
    let lines = try Self.inflated(compressed)
    try #require(lines.count == height * (width + 1))
    rows = (0..<height).map { Array(lines[$0 * (width + 1) + 1..<($0 + 1) * (width + 1)]) }
  }

  /// Stored blocks alone, with both checksums.
  private static func inflated(_ stream: [UInt8]) throws -> [UInt8] {
    try #require((Int(stream[0]) << 8 | Int(stream[1])) % 31 == 0 && stream[0] & 15 == 8)
    var (place, content, isLast) = (2, [UInt8](), false)
    while !isLast {
      isLast = stream[place] == 1
      let length = Int(stream[place + 1]) | Int(stream[place + 2]) << 8
      let complement = Int(stream[place + 3]) | Int(stream[place + 4]) << 8
      try #require(length ^ complement == 0xFFFF && stream[place] <= 1)
      content += stream[place + 5..<place + 5 + length]
      place += 5 + length
    }
    let (a, b) = content.reduce((1, 0)) { sums, byte in
      let a = (sums.0 + Int(byte)) % 65_521
      return (a, (sums.1 + a) % 65_521)
    }
    try #require(stream[place...].reduce(0) { $0 << 8 | Int($1) } == b << 16 | a)
    return content
  }

  /// Bit by bit, as the definition has it.
  private static func crc(_ bytes: ArraySlice<UInt8>) -> Int {
    var crc: UInt32 = .max
    for byte in bytes {
      for bit in 0..<8 {
        let carry = (crc ^ UInt32(byte) >> UInt32(bit)) & 1
        crc = crc >> 1 ^ (carry == 1 ? 0xEDB8_8320 : 0)
      }
    }
    return Int(~crc)
  }

  /// The row, from the top, with the greatest sum.
  var brightestRow: Int {
    let sums = rows.map { $0.reduce(0) { $0 + Int($1) } }
    return sums.indices.max { sums[$0] < sums[$1] }!
  }
}

/// A sound file that lives as long as the test.
final class PlotSound {
  let path = NSTemporaryDirectory() + "etude-plot-\(UUID().uuidString).wav"

  init(_ samples: [Float], sampleRate: Int = 24_000) throws {
    try AudioFile.write(samples, sampleRate: sampleRate, encoding: .float32, to: path)
  }

  /// A pure tone.
  convenience init(pitch: Double, seconds: Double) throws {
    try self.init(
      (0..<Int(24_000 * seconds)).map { Float(0.4 * sin(2 * .pi * pitch * Double($0) / 24_000)) })
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
