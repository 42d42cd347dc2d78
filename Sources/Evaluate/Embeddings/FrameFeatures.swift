import Tensor

/// A frozen representation of audio: frames of one or more layers, and where they lie in time.
public struct FrameFeatures {
  /// What becomes of the frames of a stretch.
  public enum Pooling: String, Codable, Sendable, CaseIterable {
    /// Their mean: `D` numbers.
    case mean
    /// Mean and standard deviation: `2 D` numbers.
    case meanAndDeviation
    /// One or the other, as the validation part of a probe chooses: `2 D` numbers, the mean first.
    case chosen
  }

  /// Samples a second that `layers` wants.
  public var sampleRate: Int
  /// Samples from frame to frame.
  public var hopLength: Int
  /// The sample in the middle of what frame 0 sees.
  public var firstCentre: Double
  /// How frames become one vector.
  public var pooling: Pooling
  /// Mono samples to the frames of each layer, `[T, D]`; called on several threads at once.
  public var layers: ([Float]) throws -> [Tensor]

  /// Stores all parts.
  public init(
    sampleRate: Int, hopLength: Int, firstCentre: Double, pooling: Pooling = .mean,
    layers: @escaping ([Float]) throws -> [Tensor]
  ) {
    (self.sampleRate, self.hopLength, self.firstCentre) = (sampleRate, hopLength, firstCentre)
    (self.pooling, self.layers) = (pooling, layers)
  }
}

extension FrameFeatures {
  /// The frames whose centres lie in `time`, in seconds; if there are none, the frame nearest to
  /// its middle.
  /// - Parameter count: How many frames the piece has, at least one.
  func frames(in time: Range<Double>, of count: Int) -> Range<Int> {
    let first = max(Int(position(of: time.lowerBound).rounded(.up)), 0)
    let end = min(Int(position(of: time.upperBound).rounded(.up)), count)
    if first < end { return first..<end }
    let middle = position(of: (time.lowerBound + time.upperBound) / 2).rounded()
    let nearest = min(max(Int(middle), 0), count - 1)
    return nearest..<nearest + 1
  }

  /// A time in frames: 0 in the middle of frame 0.
  private func position(of seconds: Double) -> Double {
    (seconds * Double(sampleRate) - firstCentre) / Double(hopLength)
  }
}
