import Files
import Foundation
import TestSupport
import Testing

/// Events files against the bytes of TensorBoard's own writer, and on a disk that fails.
@Suite struct EventTests {
  private let start = Date(timeIntervalSince1970: 1_700_000_000.25)

  /// The check value of the polynomial, and the vectors of RFC 3720, appendix B.4.
  @Test func theChecksumIsThatOfTheStandard() {
    #expect(CRC32C.value(of: Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.value(of: []) == 0)
    #expect(CRC32C.value(of: [UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.value(of: [UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.value(of: Array(0..<32)) == 0x46DD_794E)
    #expect(CRC32C.value(of: Array((0..<32).reversed())) == 0x113F_DB5C)
  }

  /// `Tests/Golden/tensorboard_events.py` wrote the same events.
  @Test func theBytesAreThoseOfTensorBoard() throws {
    let folder = try TestFolder()
    let file = try EventFile(in: folder.url, from: 7, at: start)
    func write(_ scalars: [EventScalar], step: Int, second: Double) throws {
      try file.write(scalars, step: step, at: Date(timeIntervalSince1970: 1.7e9 + second))
    }
    try write(
      [.init("loss", 2.75), .init("gradient/frontEnd", 0.1), .init("Übung/ξ", -1e-30)],
      step: 10, second: 1.5)
    try write([.init("zero", 0)], step: 0, second: 2)
    try write(
      [.init("nan", .nan), .init("inf", .infinity), .init("-inf", -.infinity)],
      step: 5_000_000_000, second: 3)
    try write(
      (0..<20).map { EventScalar("term/\($0)", Float(Double($0) / 3)) }, step: 300, second: 4)

    let golden = goldenFolder.appendingPathComponent("tensorboard_events.tfevents")
    #expect(try Data(contentsOf: file.url) == Data(contentsOf: golden))
  }

  /// TensorBoard reads files in the order of their names.
  @Test func aLaterFileComesAfterAnEarlierOneWhateverTheClock() throws {
    let folder = try TestFolder()
    for late in [0, -5000, 0, 20] {
      _ = try EventFile(in: folder.url, from: 1, at: start + Double(late))
    }
    try folder.write("", to: "events.out.tfevents.odd")
    let names = try folder.names.filter { !$0.hasSuffix("odd") }
    let seconds = names.map { $0.split(separator: ".")[3] }
    #expect(seconds == ["1700000000", "1700000001", "1700000002", "1700000020"])
  }

  /// What a full disk cuts off is written before what follows, so that every record can be read.
  @Test func aRecordThatDoesNotFitWaits() async {
    await #expect(processExitsWith: .success) {
      let folder = try TestFolder()
      let date = Date(timeIntervalSince1970: 1)
      func written(limit: Int?) throws -> Data {
        let file = try EventFile(in: folder.url, from: 1, at: date)
        try file.write([EventScalar("loss", 1)], step: 1, at: date)
        let size = try Data(contentsOf: file.url).count
        if let limit { limitFileSize(to: size + limit) }
        try file.write([EventScalar("loss", 2)], step: 2, at: date)
        if limit != nil {
          #expect(try Data(contentsOf: file.url).count == size + limit!)
          limitFileSize(to: size + 500)
        }
        try file.write([EventScalar("loss", 3)], step: 3, at: date)
        return try Data(contentsOf: file.url)
      }
      let whole = try written(limit: nil)
      #expect(try written(limit: 10) == whole)
    }
  }
}
