import Audio
import Tensor

/// The bands of two spectra side by side: `[B, samples] -> [B, T, first + second]`.
struct JoinedBands: FrontEnd {
  private let first: any FrontEnd
  private let second: any FrontEnd

  /// - Traps when: their frames lie at different times.
  init(_ first: any FrontEnd, _ second: any FrontEnd) {
    precondition(
      first.sampleRate == second.sampleRate && first.hopLength == second.hopLength,
      "JoinedBands: hops of \(first.hopLength) and \(second.hopLength) samples at "
        + "\(first.sampleRate) and \(second.sampleRate) Hz")
    (self.first, self.second) = (first, second)
  }

  var sampleRate: Int { first.sampleRate }
  var width: Int { first.width + second.width }
  var hopLength: Int { first.hopLength }
  var reach: FrameReach {
    let (a, b) = (first.reach, second.reach)
    let grid = a.grid * b.grid
    let before = (max(a.before, b.before) + grid - 1) / grid * grid
    return FrameReach(before: before, after: max(a.after, b.after), grid: grid)
  }

  func frameCount(samples: Int) -> Int {
    min(first.frameCount(samples: samples), second.frameCount(samples: samples))
  }

  func write(
    featuresOf samples: UnsafeBufferPointer<Float>, into features: UnsafeMutablePointer<Float>
  ) {
    let frames = frameCount(samples: samples.count)
    var column = 0
    for part in [first, second] {
      let bands = Tensor(shape: [part.frameCount(samples: samples.count), part.width]) {
        part.write(featuresOf: samples, into: $0.baseAddress!)
      }
      bands.read { bands in
        for frame in 0..<frames {
          (features + frame * width + column).update(
            from: bands.baseAddress! + frame * part.width, count: part.width)
        }
      }
      column += part.width
    }
  }
}
