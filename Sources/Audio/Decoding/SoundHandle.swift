import CSndFile
import Foundation

/// A libsndfile handle; it is closed when this object is released.
final class SoundHandle: SoundDecoder {
  private let file: OpaquePointer
  private let info: SF_INFO
  private let cursor: ByteCursor?
  private let sink: FileSink?
  private var isOpen = true

  /// Opens for reading.
  /// - Throws: `AudioError.notAudio`.
  init(reading bytes: SoundBytes, of source: OpenFile) throws(AudioError) {
    var info = SF_INFO()
    let cursor = ByteCursor(bytes, of: source)
    var callbacks = SF_VIRTUAL_IO(
      get_filelen: { sf_count_t(ByteCursor.at($0).count) },
      seek: { sf_count_t(ByteCursor.at($2).seek(by: Int($0), from: $1)) },
      read: { sf_count_t(ByteCursor.at($2).read(into: $0!, count: Int($1))) },
      write: { _, _, _ in 0 },
      tell: { sf_count_t(ByteCursor.at($0).position) })
    let target = Unmanaged.passUnretained(cursor).toOpaque()
    guard let file = sf_open_virtual(&callbacks, Int32(SFM_READ), &info, target) else {
      // libsndfile keeps the message of a failed open in a process-wide variable. It is useless
      // here, because many files are opened at once.
      throw .notAudio(path: source.path)
    }
    (self.file, self.info, self.cursor, sink) = (file, info, cursor, nil)
  }

  /// Opens an encoder for a file descriptor, which stays open when this handle is closed.
  ///
  /// - Parameter path: The path for error messages.
  init(
    writing descriptor: Int32, as path: String, format: Int32, sampleRate: Int, channels: Int
  ) throws(AudioError) {
    var info = SF_INFO()
    info.samplerate = Int32(sampleRate)
    info.channels = Int32(channels)
    info.format = format
    guard sf_format_check(&info) != 0 else {
      throw .unwritable(
        path: path, reason: "\(sampleRate) Hz × \(channels) does not fit the format")
    }
    let sink = FileSink(descriptor)
    var callbacks = FileSink.callbacks
    let target = Unmanaged.passUnretained(sink).toOpaque()
    guard let file = sf_open_virtual(&callbacks, Int32(SFM_WRITE), &info, target) else {
      let reason = sink.failure.map { String(cString: strerror($0)) }
      throw .unwritable(path: path, reason: reason ?? String(cString: sf_strerror(nil)))
    }
    sf_command(file, Int32(SFC_SET_CLIPPING), nil, Int32(SF_TRUE))
    (self.file, self.info, cursor, self.sink) = (file, info, nil, sink)
  }

  deinit { if isOpen { sf_close(file) } }

  var sampleRate: Int { Int(info.samplerate) }
  var channels: Int { Int(info.channels) }
  var isPredictive: Bool { Int(info.format) & Int(SF_FORMAT_SUBMASK) == SF_FORMAT_OPUS }
  var isPaged: Bool { Int(info.format) & Int(SF_FORMAT_TYPEMASK) == SF_FORMAT_OGG }

  var promise: LengthPromise {
    if info.frames == sf_count_t.max { return .broken }
    return isPaged ? .estimate(Int(info.frames)) : .exact(Int(info.frames))
  }

  /// The error of the decoder; nil if it has none.
  var complaint: String? {
    sf_error(file) == SF_ERR_NO_ERROR ? nil : String(cString: sf_strerror(file))
  }

  func seek(to frame: Int) -> Bool { sf_seek(file, sf_count_t(frame), SEEK_SET) == frame }

  func read(_ frames: Int, into buffer: UnsafeMutableBufferPointer<Float>) -> Int {
    let count = min(frames, buffer.count / channels)
    return Int(sf_readf_float(file, buffer.baseAddress, sf_count_t(count)))
  }

  /// The `errno` of what could not be written; nil if all could.
  var failure: Int32? { sink?.failure }

  /// Writes interleaved samples; false if they could not all be written.
  func write(_ samples: [Float]) -> Bool {
    // In blocks: libvorbis allocates the samples of a call on the stack.
    let block = 4096 * channels
    return samples.withUnsafeBufferPointer { samples in
      stride(from: 0, to: samples.count, by: block).allSatisfy { start in
        let part = samples[start..<min(start + block, samples.count)]
        let rest = UnsafeBufferPointer(rebasing: part)
        let written = sf_write_float(file, rest.baseAddress, sf_count_t(rest.count))
        return written == rest.count && failure == nil
      }
    }
  }

  /// Closes the handle; false if buffered samples could not be written.
  func close() -> Bool {
    isOpen = false
    return sf_close(file) == 0 && failure == nil
  }
}
