import Foundation

/// What one logged step was like, a line of `log.jsonl`.
public struct StepRecord: Codable, Sendable, Equatable {
  /// Updates made, this one included.
  public var step: Int
  /// The loss that was minimised.
  public var loss: Float
  /// Its parts and other quantities worth watching, by name.
  public var terms: [String: Float]
  /// The learning rate of the update.
  public var learningRate: Float
  /// The gradient norm before clipping.
  public var gradientNorm: Float
  /// The mean duration of a step since the last record.
  public var secondsPerStep: Double
  /// Seconds of audio that went through the model per second.
  public var audioSecondsPerSecond: Double

  /// All of them.
  public init(
    step: Int, loss: Float, terms: [String: Float], learningRate: Float, gradientNorm: Float,
    secondsPerStep: Double, audioSecondsPerSecond: Double
  ) {
    (self.step, self.loss, self.terms) = (step, loss, terms)
    (self.learningRate, self.gradientNorm) = (learningRate, gradientNorm)
    (self.secondsPerStep, self.audioSecondsPerSecond) = (secondsPerStep, audioSecondsPerSecond)
  }
}

/// Something that happened beside the steps.
public struct EventRecord: Codable, Sendable, Equatable {
  /// After how many updates.
  public var step: Int
  /// What happened, in a sentence.
  public var event: String
}

/// `log.jsonl` of a run: one JSON object a line, flushed as it is written.
public struct RunLog {
  private let handle: FileHandle
  private let encoder: JSONEncoder

  /// Opens the log to append.
  ///
  /// - Parameter step: Where a resumed run goes on: lines of later steps, which the interrupted run
  ///   had still written, are dropped.
  /// - Throws: `RunError.unwritable`.
  public init(_ url: URL, resumingAt step: Int = 0) throws {
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      let kept = try Self.lines(of: url).filter { $0.step <= step && step > 0 }.map(\.text)
      try Data(kept.map { $0 + "\n" }.joined().utf8).write(to: url)
      handle = try FileHandle(forWritingTo: url)
      try handle.seekToEnd()
    } catch {
      throw RunError.unwritable(url.path, reason: "\(error.localizedDescription)")
    }
  }

  /// Appends a step or an event.
  public func write(_ record: some Encodable) throws {
    try handle.write(contentsOf: encoder.encode(record) + Data("\n".utf8))
  }

  /// The steps of a log, in order; events are passed over.
  public static func steps(of url: URL) throws -> [StepRecord] {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try lines(of: url).compactMap {
      try? decoder.decode(StepRecord.self, from: Data($0.text.utf8))
    }
  }

  /// Whole lines with their step; a line cut off by a crash has none and is dropped.
  private static func lines(of url: URL) throws -> [(step: Int, text: String)] {
    guard FileManager.default.fileExists(atPath: url.path) else { return [] }
    struct Numbered: Decodable { var step: Int }
    let text = try String(contentsOf: url, encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      (try? JSONDecoder().decode(Numbered.self, from: Data(line.utf8)))
        .map { ($0.step, String(line)) }
    }
  }
}
