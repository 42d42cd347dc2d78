import Foundation
import Kernels

/// Cuts a signal into overlapping frames under a periodic Hann window.
struct Framing: Sendable {
  let frameLength: Int
  let hopLength: Int
  let padding: STFT.Padding
  /// The window, centred and padded with zeros to `frameLength` numbers.
  let window: [Double]

  init(frameLength: Int, windowLength: Int, hopLength: Int, padding: STFT.Padding) {
    (self.frameLength, self.hopLength, self.padding) = (frameLength, hopLength, padding)
    let before = (frameLength - windowLength) / 2
    window = (0..<frameLength).map { i in
      let n = i - before
      return (0..<windowLength).contains(n) ? hann(n, of: windowLength) : 0
    }
  }

  /// The same frames, of which those beyond the signal are zeros.
  var withoutReflection: Framing {
    Framing(
      frameLength: frameLength, hopLength: hopLength, padding: padding == .none ? .none : .zeros,
      window: window)
  }

  private init(frameLength: Int, hopLength: Int, padding: STFT.Padding, window: [Double]) {
    (self.frameLength, self.hopLength) = (frameLength, hopLength)
    (self.padding, self.window) = (padding, window)
  }

  /// The samples of padding on each side.
  private var margin: Int { padding == .none ? 0 : frameLength / 2 }

  /// The number of frames of a signal of `count` samples.
  func frames(_ count: Int) -> Int {
    let room = count + 2 * margin - frameLength
    return room < 0 ? 0 : 1 + room / hopLength
  }

  /// Writes one frame, multiplied by the window.
  func load(
    _ frame: Int, of samples: UnsafeBufferPointer<Float>, into output: UnsafeMutablePointer<Double>
  ) {
    let start = frame * hopLength - margin
    if start >= 0, start + frameLength <= samples.count {
      etude_window(output, samples.baseAddress! + start, window, frameLength)
    } else {
      for n in 0..<frameLength {
        let place = place(of: start + n, count: samples.count)
        output[n] = place.map { window[n] * Double(samples[$0]) } ?? 0
      }
    }
  }

  /// The transpose of `load`: multiplies a frame by the window and adds it to the samples that it
  /// came from.
  func add(
    _ values: UnsafePointer<Double>, of frame: Int, to samples: UnsafeMutableBufferPointer<Float>
  ) {
    let start = frame * hopLength - margin
    for n in 0..<frameLength {
      guard let place = place(of: start + n, count: samples.count) else { continue }
      samples[place] += Float(window[n] * values[n])
    }
  }

  /// The index of the sample at a position, which may lie outside the signal; nil if padding is 0
  /// there.
  private func place(of position: Int, count: Int) -> Int? {
    if position >= 0, position < count { return position }
    guard padding == .reflection, count > 0 else { return nil }
    return reflected(position, count: count)
  }
}

/// Sample `n` of the periodic Hann window.
func hann(_ n: Int, of length: Int) -> Double {
  0.5 - 0.5 * cos(2 * .pi * Double(n) / Double(length))
}

/// The index of the sample at a position of a signal that is mirrored at its first and last sample.
func reflected(_ position: Int, count: Int) -> Int {
  // The reflected signal has a period of twice the distance between its ends.
  let period = max(1, 2 * (count - 1))
  let phase = ((position % period) + period) % period
  return min(phase, period - phase) % count
}
