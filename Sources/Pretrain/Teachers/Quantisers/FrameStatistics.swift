import Audio
import Models
import Tensor

/// Brings the frames of a collection to mean 0 and variance 1, each channel by itself or all of them together:
/// `(x - mean) / deviation`.
public struct FrameStatistics: Module {
  /// `[D]`
  public private(set) var mean: Tensor
  /// `[D]`, positive.
  public private(set) var deviation: Tensor

  /// A channel that varies less than this share of the one that varies most is divided as if it varied as much:
  /// a band without sound in one collection may have some in another.
  private static let leastShare: Float = 0.01

  /// Those of each channel of frames `[N, D]`.
  /// - Throws: `QuantizerError.constant` if all frames are equal.
  public init(of frames: Tensor) throws(QuantizerError) {
    let means = frames.columnMeans()
    let deviations = frames.columnDeviations(from: means)
    let most = deviations.max() ?? 0
    guard most > 0 else { throw .constant }
    mean = Tensor(means)
    deviation = Tensor(deviations.map { max($0, Self.leastShare * most) })
  }

  /// `statistics.mean` and `statistics.deviation` of a state.
  /// - Throws: `ModelError.tensors` if one is missing or ill-shaped, or a deviation is not positive.
  init(_ width: Int, in state: [String: Tensor]) throws(ModelError) {
    mean = try state.tensor("statistics.mean", [width])
    deviation = try state.tensor("statistics.deviation", [width])
    guard deviation.scalars.allSatisfy({ $0 > 0 }) else {
      throw .tensors("'statistics.deviation' holds numbers that are not positive")
    }
  }

  /// One mean and one deviation of all channels of frames `[N, D]` together, so that channels keep what they
  /// differ in.
  /// - Throws: `QuantizerError.constant` if all numbers are equal.
  public init(pooling frames: Tensor) throws(QuantizerError) {
    let all = try FrameStatistics(of: frames.reshaped([frames.elementCount, 1]))
    mean = .full([frames.shape[1]], all.mean.scalars[0])
    deviation = .full([frames.shape[1]], all.deviation.scalars[0])
  }

  /// Those of each channel of a collection.
  ///
  /// - Parameters:
  ///   - audio: The collection.
  ///   - frames: What computes the frames.
  ///   - fitFrames: How many of them the statistics are computed from, about, taken evenly over the collection.
  ///   - workers: Who computes the frames.
  ///   - progress: Called with how many of the files taken are read, and how many these are.
  /// - Throws: `QuantizerError` if the frames are all equal or not finite; `AudioError` if a file cannot be
  ///   decoded.
  public init(
    of audio: any AudioSource, frames: some TeacherFrames, fitFrames: Int,
    by workers: any Workers = OwnCores(), progress: ProgressHandler? = nil
  ) throws {
    let sample = FrameSample(of: audio, frameRate: frames.frameRate, frames: fitFrames)
    let chosen = try sample.gathered(by: workers, progress: progress) {
      try frames.frames(of: $0, in: audio)
    }
    try QuantizerError.check(chosen, codes: 1)
    try self.init(of: chosen)
  }

  /// Channels of a frame.
  var width: Int { mean.elementCount }

  /// - Parameter frames: `[N, D]`
  /// - Returns: Same shape.
  public func callAsFunction(_ frames: Tensor) -> Tensor { (frames - mean) / deviation }

  /// Shows both as buffers.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.buffer("mean", &mean)
    visitor.buffer("deviation", &deviation)
  }
}

extension Tensor {
  /// The standard deviation of each column of `[N, D]`.
  fileprivate func columnDeviations(from means: [Float]) -> [Float] {
    let width = shape[1]
    var sums = [Double](repeating: 0, count: width)
    read { x in
      for row in stride(from: 0, to: elementCount, by: width) {
        for d in 0..<width {
          let difference = Double(x[row + d] - means[d])
          sums[d] += difference * difference
        }
      }
    }
    return sums.map { Float(($0 / Double(shape[0])).squareRoot()) }
  }
}
