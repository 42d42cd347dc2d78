import Foundation
import Synchronization

/// An unnamed file to which floats are appended, and which is then read through one mapping.
///
/// The file is unlinked right after it is created, so the system removes it when the process ends.
final class ScratchFile: @unchecked Sendable {
  // Safe to share: every write has its own range, handed out under the lock. The mapping is made
  // once, after the last write, and then only read.
  private let descriptor: Int32
  private let folder: String
  private let end = Mutex(0)
  /// All floats, once mapped; valid while this object lives.
  private(set) var floats = UnsafeBufferPointer<Float>(start: nil, count: 0)

  init(in folder: String) throws(AudioError) {
    var template = Array((folder + "/.etude-audio-XXXXXX").utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw ScratchFile.failure(in: folder) }
    unlink(template)
    self.folder = folder
  }

  deinit {
    if let base = floats.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: base), floats.count * 4)
    }
    if descriptor >= 0 { close(descriptor) }
  }

  /// Appends floats and returns the position of the first, counted in floats. May be called from
  /// any thread.
  func append(_ samples: [Float]) throws(AudioError) -> Int {
    let start = end.withLock { end in
      defer { end += samples.count }
      return end
    }
    let isWritten = samples.withUnsafeBytes { write($0, at: start * 4) }
    guard isWritten else { throw ScratchFile.failure(in: folder) }
    return start
  }

  /// Ends the writing and maps all floats.
  func map() throws(AudioError) {
    let byteCount = end.withLock { $0 } * 4
    guard byteCount > 0 else { return }
    let base = mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0)
    guard let base, base != MAP_FAILED else { throw ScratchFile.failure(in: folder) }
    floats = UnsafeBufferPointer(
      start: UnsafePointer(base.assumingMemoryBound(to: Float.self)), count: byteCount / 4)
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  private static func failure(in folder: String) -> AudioError {
    .scratch(folder: folder, reason: String(cString: strerror(errno)))
  }
}
