/// An open stretch of sound that is decoded from a place on.
protocol SoundDecoder: AnyObject {
  /// Hz.
  var sampleRate: Int { get }
  /// Of what was read last.
  var channels: Int { get }
  /// Whether a frame cannot be decoded without those before it.
  var isPredictive: Bool { get }
  /// Whether it comes in the pages of ogg.
  var isPaged: Bool { get }
  /// What it says of its length.
  var promise: LengthPromise { get }
  /// What is wrong with what it reads, if anything is.
  var complaint: String? { get }

  /// Moves to a frame; false if it cannot.
  func seek(to frame: Int) -> Bool

  /// Reads up to `frames` interleaved frames, as far as there is room for them; 0 at the end.
  func read(_ frames: Int, into buffer: UnsafeMutableBufferPointer<Float>) -> Int
}

/// A place in bytes, for libraries that read through callbacks.
final class ByteCursor {
  private let bytes: SoundBytes
  private let file: OpenFile
  private(set) var position = 0

  init(_ bytes: SoundBytes, of file: OpenFile) { (self.bytes, self.file) = (bytes, file) }

  var count: Int { bytes.count }

  /// Moves to an offset from the start, the present place or the end, as `lseek` does.
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

  /// The object behind a callback's pointer.
  static func at(_ pointer: UnsafeMutableRawPointer?) -> ByteCursor {
    Unmanaged.fromOpaque(pointer!).takeUnretainedValue()
  }
}
