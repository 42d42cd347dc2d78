import Foundation
import Kernels

/// The purpose of random numbers. Streams of different purposes never overlap.
///
/// The raw value is part of every stream: with another one, a purpose draws other values.
public struct RandomPurpose: Hashable, Sendable {
  package let rawValue: UInt32

  /// The first parameters of a model.
  public static let initialisation = RandomPurpose(rawValue: 0)
  /// Spans of masked frames.
  public static let masking = RandomPurpose(rawValue: 1)
  /// Elements that dropout zeroes.
  public static let dropout = RandomPurpose(rawValue: 2)
  /// Layers that a step leaves out.
  public static let layerDrop = RandomPurpose(rawValue: 3)
  /// The starts of crops.
  public static let crop = RandomPurpose(rawValue: 4)
  /// The order of files.
  public static let order = RandomPurpose(rawValue: 5)
  /// Crops that are mixed.
  public static let mixing = RandomPurpose(rawValue: 6)
  /// Seeds of clusters and their mini-batches.
  public static let clustering = RandomPurpose(rawValue: 7)
  /// Pieces of the built-in corpus.
  public static let corpus = RandomPurpose(rawValue: 8)
  /// Folds of probes.
  public static let probe = RandomPurpose(rawValue: 9)
  /// How many codebooks a crop is decoded from.
  public static let codebooks = RandomPurpose(rawValue: 10)
  /// Excerpts of music that a run writes for people to listen to.
  public static let excerpts = RandomPurpose(rawValue: 11)
  /// Latents that a codebook begins with, and that replace its unused entries.
  public static let entries = RandomPurpose(rawValue: 12)
  /// Steps that train a discriminator.
  public static let adversary = RandomPurpose(rawValue: 13)
  /// Spans of masked frames of held-out crops.
  public static let validation = RandomPurpose(rawValue: 14)
  /// What stands in the places of frames that a model left out.
  public static let filling = RandomPurpose(rawValue: 15)
  /// By how much copies of crops are transposed, and the noise that they get.
  public static let transposition = RandomPurpose(rawValue: 16)

  /// A purpose defined by a program, different from those of the library.
  ///
  /// - Parameter number: The number of the purpose, in `0..<65_536`.
  /// - Traps when: the number is out of range.
  public static func own(_ number: Int) -> RandomPurpose {
    precondition(
      (0..<65_536).contains(number), "RandomPurpose: own number \(number) is not in 0..<65536")
    return RandomPurpose(rawValue: 256 + UInt32(number))
  }
}

/// A counter-based stream of random numbers: Philox 4×32 with ten rounds.
///
/// A stream is a pure function of seed, purpose, step and sample. So a draw is the same on any
/// number of threads or processes, and a resumed run needs no saved state.
///
/// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private let key: UInt64
  private let purpose: UInt32
  private let step: UInt32
  private let sample: UInt32
  private var block: UInt32 = 0
  private var spare: UInt64?

  /// - Parameters:
  ///   - seed: The seed of the run.
  ///   - purpose: The purpose of the numbers.
  ///   - step: The training step, or 0.
  ///   - sample: The number of the sample, layer or file within the step, or 0.
  public init(seed: UInt64, purpose: RandomPurpose, step: Int = 0, sample: Int = 0) {
    key = seed
    self.purpose = purpose.rawValue
    self.step = UInt32(truncatingIfNeeded: step)
    self.sample = UInt32(truncatingIfNeeded: sample)
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    if let kept = spare {
      spare = nil
      return kept
    }
    let words = philox(counter: SIMD4(block, sample, step, purpose), key: key)
    block &+= 1
    spare = UInt64(words.z) | UInt64(words.w) << 32
    return UInt64(words.x) | UInt64(words.y) << 32
  }
}

extension RandomStream {
  /// The number of draws made so far.
  var drawn: Int {
    get { 2 * Int(block) - (spare == nil ? 0 : 1) }
    set {
      block = UInt32(truncatingIfNeeded: newValue / 2)
      spare = nil
      if newValue % 2 == 1 { _ = next() }
    }
  }

  /// Writes the draws from index `first` on, which must be even, until the buffer is full. Its
  /// length must be a multiple of 32.
  func draws(from first: Int, into words: UnsafeMutableBufferPointer<UInt64>) {
    let block = UInt32(truncatingIfNeeded: first / 2)
    guard let start = words.baseAddress else { return }
    etude_random_words(start, words.count / 32, block, key, sample, step, purpose)
  }
}

/// One block of Philox 4×32-10.
func philox(counter: SIMD4<UInt32>, key: UInt64) -> SIMD4<UInt32> {
  var c = counter
  var k0 = UInt32(truncatingIfNeeded: key)
  var k1 = UInt32(truncatingIfNeeded: key >> 32)
  for _ in 0..<10 {
    let a = UInt64(c.x) &* 0xD251_1F53
    let b = UInt64(c.z) &* 0xCD9E_8D57
    c = SIMD4(
      UInt32(b >> 32) ^ c.y ^ k0, UInt32(truncatingIfNeeded: b),
      UInt32(a >> 32) ^ c.w ^ k1, UInt32(truncatingIfNeeded: a))
    k0 &+= 0x9E37_79B9
    k1 &+= 0xBB67_AE85
  }
  return c
}

extension RandomNumberGenerator {
  /// A draw from the standard normal distribution, by Box and Muller's transform.
  public mutating func nextNormal() -> Float {
    let u = Double.random(in: Double.leastNonzeroMagnitude..<1, using: &self)
    let v = Double.random(in: 0..<1, using: &self)
    return Float((-2 * log(u)).squareRoot() * cos(2 * .pi * v))
  }
}
