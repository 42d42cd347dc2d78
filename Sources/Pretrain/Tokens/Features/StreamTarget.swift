import Models
import Settings
import Tensor

/// The features of several streams at the encoder's frames of a clean crop, side by side: `[T, W]`.
///
/// Streams with the same features share their columns, and streams with the same source, as chroma and the spectrum
/// that it is derived from, share the transform.
struct StreamTarget: CropTarget {
  /// Features and where they lie.
  private struct Part {
    let features: StreamFeatures
    /// The number of the source.
    let source: Int
  }

  /// What is computed from samples.
  private struct Source {
    let features: any FrameFeatures
    let stack: Int
    let extract: @Sendable ([Float]) -> Tensor
  }

  private let encoder: any EncoderConfiguration
  private var sources: [Source] = []
  private var parts: [Part] = []

  /// - Throws: If a file that features are computed with is missing or does not fit.
  init(_ streams: [StreamFeatures], encoder: any EncoderConfiguration) throws {
    self.encoder = encoder
    for features in streams.distinct {
      parts.append(Part(features: features, source: try source(of: features)))
    }
  }

  /// The number of the source of features, which is made if there is none like it.
  private mutating func source(of features: StreamFeatures) throws -> Int {
    let (kind, stack) = (features.chosen.source, features.stack)
    if let known = sources.firstIndex(where: { $0.stack == stack && kind.isEqual(to: $0.features) })
    {
      return known
    }
    let extract = try kind.extractor(
      sampleRate: encoder.sampleRate, hopLength: encoder.stride / stack,
      isNormalized: encoder.normalizesWaveform)
    sources.append(Source(features: kind, stack: stack, extract: extract))
    return sources.count - 1
  }

  func callAsFunction(_ samples: [Float]) -> Tensor {
    let frames = encoder.frameCount(samples: samples.count)
    let computed = sources.map { $0.extract(samples).firstRows(frames * $0.stack) }
    return .concatenated(
      parts.map { part in
        let features = part.features
        return features.summarised(
          features.chosen.derived(from: computed[part.source]),
          frameRate: encoder.frameRate * Double(features.stack)
        ).reshaped([frames, features.width])
      },
      axis: 1)
  }
}

extension [StreamFeatures] {
  /// Each once, in order.
  var distinct: [StreamFeatures] {
    reduce(into: []) { known, features in
      if !known.contains(features) { known.append(features) }
    }
  }

  /// Where the features of each stream lie in a `StreamTarget`.
  var columns: [Range<Int>] {
    var (starts, end): ([(StreamFeatures, Int)], Int) = ([], 0)
    for features in distinct {
      starts.append((features, end))
      end += features.width
    }
    return map { features in
      let start = starts.first { $0.0 == features }!.1
      return start..<start + features.width
    }
  }

  /// They suit an encoder's rates. The error names settings of `streams`.
  func validate(for encoder: any EncoderConfiguration) throws(InvalidSetting) {
    for (number, features) in enumerated() {
      do {
        try features.validate(for: encoder)
      } catch {
        throw InvalidSetting(
          "streams[\(number)].features.\(error.path)", error.reason, against: error.others)
      }
    }
  }

  /// What they depend on beside the recipe, in words.
  /// - Throws: If a file is missing or damaged.
  func identity(of head: String) throws -> [String] {
    try distinct.flatMap { try $0.chosen.identity() }.map { "objective.\(head)=\($0)" }
  }

  /// Numbers of a row of a `StreamTarget`.
  var width: Int { distinct.reduce(0) { $0 + $1.width } }
}

extension Tensor {
  /// So many of the first rows of `[T, W]`; the last one is repeated where there are fewer.
  fileprivate func firstRows(_ count: Int) -> Tensor {
    if shape[0] >= count { return sliced(axis: 0, 0..<count) }
    return gatheringRows((0..<count).map { Swift.min($0, shape[0] - 1) })
  }

  /// What each row of `[T, W]` has more than the row before, 0 where it has less and in the first.
  func rises() -> Tensor {
    guard shape[0] > 1 else { return .zeros(shape) }
    let before = gatheringRows((0..<shape[0]).map { Swift.max($0 - 1, 0) })
    return (self - before).relu()
  }

  /// The standard deviation of each row of `[T, W]` and its neighbours, as `movingAverage`.
  func movingDeviation(frames: Int) -> Tensor {
    let mean = movingAverage(frames: frames)
    return (squared().movingAverage(frames: frames) - mean.squared()).relu().squareRoot()
  }

  /// The mean of each row of `[T, W]` and its neighbours, as many rows as there are of an odd number around it.
  func movingAverage(frames: Int) -> Tensor {
    guard frames > 1, elementCount > 0 else { return self }
    let (count, width, reach) = (shape[0], shape[1], frames / 2)
    return Tensor(shape: shape) { (y: UnsafeMutableBufferPointer<Float>) in
      read { x in
        for d in 0..<width {
          var (sum, first, end) = (0.0, 0, 0)
          for t in 0..<count {
            while end < Swift.min(count, t + reach + 1) {
              sum += Double(x[end * width + d])
              end += 1
            }
            while first < t - reach {
              sum -= Double(x[first * width + d])
              first += 1
            }
            y[t * width + d] = Float(sum / Double(end - first))
          }
        }
      }
    }
  }
}
