import Audio
import Corpus
import Foundation

/// What one label set is like: how evenly it uses its codes, and how well they predict known labels.
public struct LabelQuality: Codable, Sendable, Equatable {
  /// How well codes agree with one kind of known label, see `CodeAgreement`.
  public struct Agreement: Codable, Sendable, Equatable {
    /// With what.
    public var label: KnownLabel
    /// Frames that have such a label.
    public var frames: Int
    /// Classes that occur.
    public var classes: Int
    /// `Σ_code max_class p(code, class)`.
    public var purity: Double
    /// `Σ_class max_code p(code, class)`.
    public var codePurity: Double
    /// `max_class p(class)`, the purity of knowing nothing.
    public var mostFrequent: Double
    /// `I(class; code) / H(class)`.
    public var normalisedInformation: Double
  }

  /// The store's name.
  public var store: String
  /// Which of the store's codebooks, from 0.
  public var codebook: Int
  /// How many codes there are.
  public var codes: Int
  /// How many of them occur.
  public var used: Int
  /// Labels.
  public var frames: Int
  /// `-Σ p ln p`, nats.
  public var entropy: Double
  /// `exp(entropy)`.
  public var perplexity: Double
  /// The code that occurs most often.
  public var mostFrequentCode: Int
  /// Its share of all labels, which a model that always predicts it gets right.
  public var mostFrequentShare: Double
  /// Empty if nothing is known of the audio.
  public var agreements: [Agreement]

  init(
    store: String, codebook: Int, _ statistics: CodeStatistics,
    _ agreements: [(KnownLabel, CodeAgreement)]
  ) {
    (self.store, self.codebook) = (store, codebook)
    (codes, used) = (statistics.counts.count, statistics.used)
    frames = statistics.counts.reduce(0, +)
    (entropy, perplexity) = (statistics.entropy, statistics.perplexity)
    (mostFrequentCode, mostFrequentShare) = statistics.mostFrequent
    self.agreements = agreements.filter { $1.frames > 0 }.map { label, agreement in
      Agreement(
        label: label, frames: agreement.frames, classes: agreement.classesUsed,
        purity: agreement.purity, codePurity: agreement.codePurity,
        mostFrequent: agreement.mostFrequent,
        normalisedInformation: agreement.normalisedInformation)
    }
  }
}

extension LabelQuality {
  /// A share of the labels above which one code makes accuracies mean little.
  private static let largestShare = 0.5

  /// A warning about labels with little information, in a sentence; nil without one.
  public var warning: String? {
    guard mostFrequentShare > Self.largestShare else { return nil }
    let percent = (mostFrequentShare * 1000).rounded() / 10
    return "\(store), codebook \(codebook): code \(mostFrequentCode) takes \(percent) % of the "
      + "frames, so a model that predicts nothing else is right as often; is most of the audio "
      + "silence, or are there too few clusters?"
  }
}

/// Counts the labels of a store, file by file.
public struct LabelQualityCount {
  private let rate: LabelRate
  /// By the bytes of the name.
  private let known: [[UInt8]: PieceLabels]
  private var statistics: [CodeStatistics]
  private var agreements: [[CodeAgreement]]

  /// - Parameters:
  ///   - codebookSizes: How many codes each codebook has.
  ///   - rate: How often labels come.
  ///   - known: What is known of the files, by their names; empty for any music but the built-in corpus.
  public init(codebookSizes: [Int], rate: LabelRate, known: [PieceLabels]) {
    self.rate = rate
    self.known = Dictionary(known.map { (Array($0.file.utf8), $0) }) { first, _ in first }
    statistics = codebookSizes.map { CodeStatistics(clusters: $0) }
    agreements = codebookSizes.map { size in
      KnownLabel.allCases.map { CodeAgreement(codes: size, classes: $0.classes) }
    }
  }

  /// Counts the codes of one file, those of each codebook in a row.
  public mutating func add(_ file: String, _ rows: [ArraySlice<Int32>]) {
    for (book, codes) in rows.enumerated() { statistics[book].add(codes) }
    guard let piece = known[Array(file.utf8)], let frames = rows.first?.count else { return }
    for (number, label) in KnownLabel.allCases.enumerated() {
      let classes = label.classes(of: piece, frames: frames, rate: rate)
      for (book, codes) in rows.enumerated() { agreements[book][number].add(codes, classes) }
    }
  }

  /// What each codebook of the store of this name is like.
  public func qualities(store: String) -> [LabelQuality] {
    statistics.indices.map { book in
      LabelQuality(
        store: store, codebook: book, statistics[book],
        Array(zip(KnownLabel.allCases, agreements[book])))
    }
  }
}
