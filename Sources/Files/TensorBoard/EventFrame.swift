import Foundation

/// A record of an events file: an `Event` of TensorBoard in the frame of TFRecord.
///
/// - Source: `event.proto` and `summary.proto` of TensorFlow, by the numbers of their fields; the frame
///   is that of `record_writer.cc`: length, its masked CRC-32C, the event, its masked CRC-32C.
enum EventFrame {
  /// What a file begins with: the version, and the start of a session.
  static func beginning(from step: Int, at date: Date) -> [UInt8] {
    version(at: date) + start(from: step, at: date)
  }

  /// The values of a step.
  static func scalars(_ scalars: [EventScalar], step: Int, at date: Date) -> [UInt8] {
    var summary = ProtocolMessage()
    for scalar in scalars {
      var value = ProtocolMessage()
      value.add(1, text: scalar.tag)
      value.add(2, float: scalar.value)
      summary.add(1, message: value)
    }
    return framed(event(step: step, at: date) { $0.add(5, message: summary) })
  }

  private static func version(at date: Date) -> [UInt8] {
    framed(event(step: 0, at: date) { $0.add(3, text: "brain.Event:2") })
  }

  /// `SessionLog` with `START`.
  private static func start(from step: Int, at date: Date) -> [UInt8] {
    var session = ProtocolMessage()
    session.add(1, integer: 1)
    return framed(event(step: step, at: date) { $0.add(7, message: session) })
  }

  private static func event(
    step: Int, at date: Date, _ content: (inout ProtocolMessage) -> Void
  ) -> ProtocolMessage {
    var event = ProtocolMessage()
    event.add(1, double: date.timeIntervalSince1970)
    if step != 0 { event.add(2, integer: step) }
    content(&event)
    return event
  }

  private static func framed(_ event: ProtocolMessage) -> [UInt8] {
    let length = UInt64(event.bytes.count).littleEndianBytes
    return length + CRC32C.masked(of: length).littleEndianBytes + event.bytes
      + CRC32C.masked(of: event.bytes).littleEndianBytes
  }
}
