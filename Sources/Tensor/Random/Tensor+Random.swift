import Kernels

extension Tensor {
  /// Independent draws from `range`, each from 64 bits of the generator.
  public static func uniform(
    _ shape: Shape, in range: Range<Float>, using generator: inout some RandomNumberGenerator
  ) -> Tensor {
    Tensor(shape: shape) { (numbers: UnsafeMutableBufferPointer<Float>) in
      numbers.fillUniformly(in: range, using: &generator)
    }
  }

  /// Independent normal draws with mean 0, each from 128 bits of the generator.
  public static func normal(
    _ shape: Shape, standardDeviation: Float = 1, using generator: inout some RandomNumberGenerator
  ) -> Tensor {
    Tensor(shape: shape) { (numbers: UnsafeMutableBufferPointer<Float>) in
      numbers.fillNormally(standardDeviation, using: &generator)
    }
  }
}

// Nearly every caller passes a `RandomStream`. Its draws are computed in batches, because a large
// model needs a few hundred million of them.
extension UnsafeMutableBufferPointer<Float> {
  /// Sequential: `Float.random` makes another draw if it rounds to the upper bound.
  fileprivate func fillUniformly<Generator: RandomNumberGenerator>(
    in range: Range<Float>, using generator: inout Generator
  ) {
    guard var stream = generator as? RandomStream else {
      for i in indices { self[i] = .random(in: range, using: &generator) }
      return
    }
    var draws = BufferedStream(stream)
    for i in indices { self[i] = .random(in: range, using: &draws) }
    stream.drawn = draws.drawn
    if let advanced = stream as? Generator { generator = advanced }
  }

  /// On all cores: a normal number always takes two draws.
  fileprivate func fillNormally<Generator: RandomNumberGenerator>(
    _ deviation: Float, using generator: inout Generator
  ) {
    guard var stream = generator as? RandomStream else {
      for i in indices { self[i] = deviation * generator.nextNormal() }
      return
    }
    // Safe: the blocks are disjoint.
    nonisolated(unsafe) let numbers = self
    Cores.parallel((count + normalBlock - 1) / normalBlock, grain: 16) { blocks in
      for block in blocks {
        let first = block * normalBlock
        let part = numbers.extracting(first..<Swift.min(first + normalBlock, count))
        part.fillNormally(deviation, from: stream, skipping: 2 * first)
      }
    }
    stream.drawn += 2 * count
    if let advanced = stream as? Generator { generator = advanced }
  }

  /// Writes at most `normalBlock` numbers, equal to those of `nextNormal`. The kernel returns
  /// nonzero if it cannot guarantee equal bits; the numbers are then computed one by one.
  private func fillNormally(_ deviation: Float, from stream: RandomStream, skipping draws: Int) {
    guard let start = baseAddress else { return }
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * normalBlock + 32) { words in
      let first = stream.drawn + draws
      stream.draws(from: first - first % 2, into: words)
      if etude_normal(start, words.baseAddress! + first % 2, count) != 0 {
        var single = BufferedStream(stream, skipping: draws)
        for i in indices { self[i] = single.nextNormal() }
      }
    }
    for i in indices { self[i] *= deviation }
  }
}

/// The normal numbers that are drawn together: their words fit the first-level cache.
private let normalBlock = 512
