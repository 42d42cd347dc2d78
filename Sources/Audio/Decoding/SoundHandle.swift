import CSndFile
import Glibc

/// An open libsndfile handle, closed with the value that owns it.
struct SoundHandle: ~Copyable {
  private let file: OpaquePointer
  let info: SF_INFO

  /// Opens for reading.
  init(reading path: String) throws(AudioError) {
    try SoundHandle.checkReadable(path)
    var info = SF_INFO()
    guard let file = sf_open(path, Int32(SFM_READ), &info) else {
      // libsndfile's message for a failed open is a process-wide variable, hence useless here:
      // many files are opened at once.
      throw .notAudio(path: path)
    }
    (self.file, self.info) = (file, info)
  }

  /// Opens for writing, replacing what is there.
  init(writing path: String, format: Int32, sampleRate: Int, channels: Int) throws(AudioError) {
    var info = SF_INFO()
    info.samplerate = Int32(sampleRate)
    info.channels = Int32(channels)
    info.format = format
    guard sf_format_check(&info) != 0 else {
      throw .unwritable(
        path: path, reason: "\(sampleRate) Hz × \(channels) does not fit the format")
    }
    guard let file = sf_open(path, Int32(SFM_WRITE), &info) else {
      throw .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
    sf_command(file, Int32(SFC_SET_CLIPPING), nil, Int32(SF_TRUE))
    (self.file, self.info) = (file, info)
  }

  deinit { sf_close(file) }

  /// The decoder's complaint, if it has one.
  var complaint: String? {
    sf_error(file) == SF_ERR_NO_ERROR ? nil : String(cString: sf_strerror(file))
  }

  /// Moves to a frame; false if the file cannot seek there.
  func seek(to frame: Int) -> Bool { sf_seek(file, sf_count_t(frame), SEEK_SET) == frame }

  /// Reads up to `buffer.count / channels` interleaved frames; 0 at the end.
  func read(into buffer: UnsafeMutableBufferPointer<Float>) -> Int {
    let frames = buffer.count / Int(info.channels)
    return Int(sf_readf_float(file, buffer.baseAddress, sf_count_t(frames)))
  }

  /// Writes interleaved samples; false if the disk did not take them all.
  func write(_ samples: [Float]) -> Bool {
    // In blocks: libvorbis lays a whole call out on the stack.
    let block = 4096 * Int(info.channels)
    return samples.withUnsafeBufferPointer { samples in
      stride(from: 0, to: samples.count, by: block).allSatisfy { start in
        let part = samples[start..<min(start + block, samples.count)]
        let rest = UnsafeBufferPointer(rebasing: part)
        return sf_write_float(file, rest.baseAddress, sf_count_t(rest.count)) == rest.count
      }
    }
  }

  /// Closes now; false if what was buffered could not be written.
  consuming func close() -> Bool {
    let failure = sf_close(file)
    discard self
    return failure == 0
  }

  private static func checkReadable(_ path: String) throws(AudioError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .missing(path: path) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw .unreadable(path: path, reason: "it is a folder")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, reason: "it is no regular file")
    }
    guard access(path, R_OK) == 0 else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    guard status.st_size > 0 else { throw .empty(path: path) }
  }
}
