import Tensor

/// How a file is cut before it is embedded: the stretches that each become one vector for each layer.
public struct Excerpts: Hashable, Sendable {
  /// What is used from the start of the file, seconds; all of it if nil. A model is given no more than that.
  public var limit: Double?
  /// The length of a stretch, seconds; all that is used is one stretch if nil. Stretches do not overlap.
  public var window: Double?
  /// The shortest last stretch that is kept, seconds.
  public var leastRest: Double
  /// Whether silence at the start is passed over, see `SilentStart`.
  public var trimsSilence: Bool
  /// Whether each stretch is brought to mean 0 and variance 1.
  public var standardizes: Bool
  /// Whether a stretch is all that a model gets of a file: filled up with zeros to its length, and prepared by itself
  /// rather than with the whole file.
  public var standsAlone: Bool
  /// Whether the first channel is heard, rather than the mean of all.
  public var firstChannel: Bool

  /// Whole files, unless said otherwise.
  public init(
    limit: Double? = nil, window: Double? = nil, leastRest: Double = 1, trimsSilence: Bool = false,
    standardizes: Bool = false, standsAlone: Bool = false, firstChannel: Bool = false
  ) {
    (self.limit, self.window, self.leastRest) = (limit, window, leastRest)
    (self.trimsSilence, self.standardizes) = (trimsSilence, standardizes)
    (self.standsAlone, self.firstChannel) = (standsAlone, firstChannel)
  }

  /// The clips of MARBLE's second version: of so many seconds, a last one of at least 0.8 of that.
  public static func clips(of seconds: Double, firstChannel: Bool) -> Excerpts {
    Excerpts(
      window: seconds, leastRest: 0.8 * seconds, standsAlone: true, firstChannel: firstChannel)
  }

  /// The stretches of a file, none if it is too short.
  /// - Parameters:
  ///   - samples: Mono.
  ///   - rate: Samples a second.
  func stretches(of samples: [Float], rate: Int) -> [Range<Int>] {
    let start = trimsSilence ? SilentStart.length(in: samples, rate: rate) : 0
    let end = limited(samples, rate: rate).count
    guard let window else { return start < end ? [start..<end] : [] }
    let size = length(window, rate)
    return stride(from: start, to: end, by: size).compactMap { first in
      let last = min(first + size, end)
      let isWhole = last - first == size
      return isWhole || last - first >= length(leastRest, rate) ? first..<last : nil
    }
  }

  /// What is used of a file.
  func limited(_ samples: [Float], rate: Int) -> [Float] {
    limit.map { Array(samples.prefix(length($0, rate))) } ?? samples
  }

  /// A stretch with zeros up to the length of a window, if it stands alone.
  func filled(_ stretch: [Float], rate: Int) -> [Float] {
    guard standsAlone, let window else { return stretch }
    return stretch + Array(repeating: 0, count: max(0, length(window, rate) - stretch.count))
  }

  private func length(_ seconds: Double, _ rate: Int) -> Int {
    max(1, Int((seconds * Double(rate)).rounded()))
  }

  /// What distinguishes these from others, for the name of a folder: `cropped30-window5-rest1`.
  var key: String {
    let parts = [
      limit.map { "cropped\($0)" }, window.map { "window\($0)" },
      window.map { _ in "rest\(leastRest)" }, trimsSilence ? "trimmed" : nil,
      standardizes ? "standardized" : nil, standsAlone ? "alone" : nil,
      firstChannel ? "left" : nil,
    ]
    let text = parts.compactMap { $0?.withoutZeroFraction }.joined(separator: "-")
    return text.isEmpty ? "whole" : text
  }
}

extension String {
  /// Without `.0` at its end, as numbers are written in names: `window30.0` becomes `window30`, `window2.05` stays.
  var withoutZeroFraction: String { hasSuffix(".0") ? String(dropLast(2)) : self }
}

/// Silence before the first sound of a file.
enum SilentStart {
  /// How many samples before the first block of 10 ms whose root mean square is above a hundredth of the file's
  /// largest amplitude; all samples if there is none.
  ///
  /// MARBLE's own preparation uses a voice activity detector, whose result this approximates.
  static func length(in samples: [Float], rate: Int) -> Int {
    let floor = 0.01 * (samples.lazy.map { abs($0) }.max() ?? 0)
    let block = max(1, rate / 100)
    let first = stride(from: 0, to: samples.count, by: block).first { start in
      let part = samples[start..<min(start + block, samples.count)]
      let power = part.reduce(0) { $0 + $1 * $1 } / Float(part.count)
      return power.squareRoot() > floor
    }
    return first ?? samples.count
  }
}
