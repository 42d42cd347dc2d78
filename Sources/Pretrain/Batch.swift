import Tensor

/// One step's worth of training data: crops of equal length and what the teachers say about them.
public struct Batch: Sendable {
  /// Clean crops, `[B, L]`.
  public var audio: Tensor
  /// The global number of every crop: with the seed it decides all that is random about it.
  public var samples: [Int]
  /// One list for each label set, a code for every frame of every crop, row by row, `B · T`.
  public var codes: [[Int32]]
  /// The constant-Q spectrum of the clean crops, `[B, T, bins]`, if an objective predicts it.
  public var spectrum: Tensor?

  /// All of them.
  public init(audio: Tensor, samples: [Int], codes: [[Int32]] = [], spectrum: Tensor? = nil) {
    (self.audio, self.samples, self.codes, self.spectrum) = (audio, samples, codes, spectrum)
  }
}

/// A loss to minimise, and what is worth watching beside it.
public struct Loss {
  /// The tracked scalar.
  public var total: Tensor
  /// Its parts before weighting, accuracies, spreads, by name.
  public var terms: [String: Float]
}
