import Audio
import Foundation
import Models
import Pretrain
import Tensor

/// Measures a codec on whole files, such as music that it was not trained on.
///
/// A file is measured in excerpts, each encoded by itself, so that memory does not grow with its length. Files are mixed to
/// mono; a codec of several channels gets the mix in each of them.
public struct CodecEvaluation {
  private let codec: Codec
  private let excerptSeconds: Double
  private var measurement: CodecMeasurement
  /// What it runs on.
  let machine = ComparisonReport.Origin.current
  /// The files measured so far.
  public private(set) var files: [String] = []

  /// - Parameters:
  ///   - codec: The codec.
  ///   - excerptSeconds: The length of an excerpt, in seconds. The rest of a file is measured as well if it is longer than
  ///     a frame.
  /// - Traps when: an excerpt is shorter than a second.
  public init(of codec: Codec, excerptSeconds: Double = 30) {
    precondition(
      excerptSeconds >= 1, "CodecEvaluation: excerpts of \(excerptSeconds) s; needs at least 1 s")
    (self.codec, self.excerptSeconds) = (codec, excerptSeconds)
    measurement = CodecMeasurement(of: codec)
  }

  /// The measures of all files so far.
  public var measures: CodecMeasures { measurement.measures }

  /// Measures a file. A file that cannot be used changes nothing.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - progress: Called with the number of measured excerpts, and of all.
  /// - Throws: `AudioError` if the file is damaged; `ModelError.file` if the codec yields numbers that are not finite.
  public mutating func add(_ path: String, progress: (Int, Int) -> Void = { _, _ in }) throws {
    let file = try MeasuredFile(path)
    let excerpts = excerpts(of: file)
    var measurement = measurement
    for (number, excerpt) in excerpts.enumerated() {
      progress(number, excerpts.count)
      let samples = try file.samples(in: excerpt, at: codec.config.sampleRate)
      do {
        try measurement.add(samples.flatMap { Array(repeating: $0, count: codec.config.channels) })
      } catch {
        throw error.naming(path)
      }
    }
    progress(excerpts.count, excerpts.count)
    self.measurement = measurement
    files.append(path)
  }

  private func excerpts(of file: MeasuredFile) -> [Range<Int>] {
    let count = file.count(at: codec.config.sampleRate)
    let length = Int(excerptSeconds * Double(codec.config.sampleRate))
    return stride(from: 0, to: count, by: length).map { $0..<min(count, $0 + length) }
      .filter { $0.lowerBound == 0 || $0.count > codec.config.stride }
  }
}

extension ModelError {
  /// The same about a file.
  fileprivate func naming(_ path: String) -> ModelError {
    if case .waveform(let problem) = self { .file(path, problem: problem) } else { self }
  }
}
