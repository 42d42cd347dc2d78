import Tensor

/// How often labels come: one every `hop` samples.
public struct LabelRate: Sendable, Equatable, CustomStringConvertible {
  /// Sample rate of the audio that was labelled, Hz.
  public var sampleRate: Int
  /// Samples from one label to the next.
  public var hop: Int

  /// One label every `hop` samples. Traps when either is not positive.
  public init(sampleRate: Int, hop: Int) {
    precondition(
      sampleRate > 0 && hop > 0,
      "LabelRate: sample rate and hop must be positive, got \(sampleRate) and \(hop)")
    self.sampleRate = sampleRate
    self.hop = hop
  }

  /// Labels per second.
  public var labelsPerSecond: Double { Double(sampleRate) / Double(hop) }

  /// `24000 Hz with a hop of 320 samples`
  public var description: String { "\(sampleRate) Hz with a hop of \(hop) samples" }

  /// The codes of a model's frames, of codes that come at this rate: frame `t` gets code
  /// `⌊t · hop' / hop⌋`, as far as there are codes. With labels twice as frequent as frames, every second
  /// one.
  ///
  /// Source: fairseq `models/hubert/hubert.py`, the same index. Different: a last frame that has its code, but
  /// none of the codes between that and the next frame's, stays; fairseq cuts it off.
  /// - Parameters:
  ///   - codes: The codes.
  ///   - frameHop: The model's hop `hop'`, samples at `sampleRate`.
  public func aligned(_ codes: some RandomAccessCollection<Int32>, toHop frameHop: Int) -> [Int32] {
    guard frameHop != hop else { return Array(codes) }
    return (0..<frames(of: codes.count, toHop: frameHop)).map { frame in
      codes[codes.index(codes.startIndex, offsetBy: frame * frameHop / hop)]
    }
  }

  /// The number of a model's frames that have one of `count` codes at this rate.
  package func frames(of count: Int, toHop frameHop: Int) -> Int {
    (count * hop + frameHop - 1) / frameHop
  }

  /// By how many labels a file's may miss its length if a model's frame is the measure: one, or as many
  /// as come with a frame.
  public func tolerance(toHop frameHop: Int) -> Int { max(1, (frameHop + hop - 1) / hop) }
}
