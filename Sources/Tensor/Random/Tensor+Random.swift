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

// With the stream that nearly every caller passes, draws are made many at a time: a large model
// begins with a few hundred million.
extension UnsafeMutableBufferPointer<Float> {
  /// One after the other: `Float.random` draws once more where it rounds to the upper bound.
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

  /// At most `normalBlock` numbers: those of `nextNormal`, by a kernel that says when it is not sure.
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

/// Normal numbers that are drawn together: their words stay in the first-level cache.
private let normalBlock = 512
