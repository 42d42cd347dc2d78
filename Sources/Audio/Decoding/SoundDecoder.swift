/// A decoder of one section.
protocol SoundDecoder: AnyObject {
  /// The sample rate, Hz.
  var sampleRate: Int { get }
  /// The number of channels of the frames read last.
  var channels: Int { get }
  /// Whether a frame can be decoded only after those before it.
  var isPredictive: Bool { get }
  /// Whether the audio is in ogg pages.
  var isPaged: Bool { get }
  /// The length that the header promises.
  var promise: LengthPromise { get }
  /// The error that the decoder reported; nil if none.
  var complaint: String? { get }

  /// Seeks to a frame; false if it cannot.
  func seek(to frame: Int) -> Bool

  /// Reads up to `frames` interleaved frames, as many as fit the buffer; 0 at the end.
  func read(_ frames: Int, into buffer: UnsafeMutableBufferPointer<Float>) -> Int
}

/// A read position, for libraries that read through callbacks.
final class ByteCursor {
  private let bytes: SoundBytes
  private let file: OpenFile
  private(set) var position = 0

  init(_ bytes: SoundBytes, of file: OpenFile) { (self.bytes, self.file) = (bytes, file) }

  var count: Int { bytes.count }

  /// Moves the position relative to the start, the current position or the end, as `lseek` does.
  func seek(by offset: Int, from whence: Int32) -> Int {
    let base = whence == 0 ? 0 : whence == 1 ? position : bytes.count
    position = max(0, base &+ offset)
    return position
  }

  func read(into target: UnsafeMutableRawPointer, count: Int) -> Int {
    let buffer = UnsafeMutableRawBufferPointer(start: target, count: max(0, count))
    let done = bytes.read(into: buffer, at: position, of: file)
    position += done
    return done
  }

  /// The object for the pointer that a callback receives.
  static func at(_ pointer: UnsafeMutableRawPointer?) -> ByteCursor {
    Unmanaged.fromOpaque(pointer!).takeUnretainedValue()
  }
}
