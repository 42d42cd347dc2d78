import CSoxr
import Tensor

/// A pass of libsoxr with its HQ setting over one signal.
///
/// - Source: libsoxr 0.1.3.
final class SoxrStream: ResamplingStream {
  private static let pieceLength = 8192
  private let soxr: soxr_t
  private let (old, new): (Int, Int)
  private var (taken, given) = (0, 0)

  init(from old: Int, to new: Int) {
    var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
    var failure: soxr_error_t?
    let made = soxr_create(Double(old), Double(new), 1, &failure, nil, &quality, nil)
    guard let made, failure == nil else {
      fatalError("soxr: \(old) to \(new) Hz: \(failure.map { String(cString: $0) } ?? "")")
    }
    (soxr, self.old, self.new) = (made, old, new)
  }

  deinit { soxr_delete(soxr) }

  func push(_ samples: [Float]) -> [Float] {
    var (result, done) = ([Float](), 0)
    result.reserveCapacity(samples.count * new / old + 1)
    samples.withUnsafeBufferPointer { input in
      while done < input.count {
        // Pieces that stay in the cache between the stages of the filter.
        let piece = input[done..<min(done + Self.pieceLength, input.count)]
        done += process(UnsafeBufferPointer(rebasing: piece), into: &result)
      }
    }
    taken += samples.count
    given += result.count
    return result
  }

  /// The tail of the filter. soxr may omit the last sample, which is then set to 0.
  func finish() -> [Float] {
    let wanted = Resampler.soxr.count(of: taken, from: old, to: new) - given
    var result: [Float] = []
    while result.count < wanted {
      let before = result.count
      _ = process(nil, into: &result)
      if result.count == before { break }
    }
    return Array(result.prefix(wanted))
      + [Float](repeating: 0, count: max(0, wanted - result.count))
  }

  /// Passes `input` to soxr, or the end of the signal if nil, and appends the output.
  /// - Returns: The number of samples that soxr read.
  private func process(_ input: UnsafeBufferPointer<Float>?, into result: inout [Float]) -> Int {
    let room = 4096 + (input?.count ?? 0) * new / old
    var (read, written) = (0, 0)
    result += [Float](unsafeUninitializedCapacity: room) { buffer, count in
      let failure = soxr_process(
        soxr, input?.baseAddress, input?.count ?? 0, &read, buffer.baseAddress, room, &written)
      precondition(failure == nil, "soxr: \(failure.map { String(cString: $0) } ?? "")")
      count = written
    }
    return read
  }
}
