import Pretrain
import Tensor
import Testing

@Suite struct BatchMixingTests {
  /// Row r holds the constant 10^r, so that a mixed value tells what was added to it.
  func constants(rows: Int, length: Int) -> Tensor {
    let values = (0..<rows).flatMap { row -> [Float] in
      let value = Float([1, 10, 100, 1000][row])
      return Array(repeating: value, count: length)
    }
    return Tensor(values, shape: [rows, length])
  }

  func mixing(_ change: (inout BatchMixing.Config) -> Void) throws -> BatchMixing {
    var config = BatchMixing.Config()
    config.snippetSamples = 10...20
    change(&config)
    return try BatchMixing(config)
  }

  @Test func defaultsArePublished() {
    let config = BatchMixing.Config()
    #expect(config.probability == 0.5 && config.volume == 1)
    #expect(config.snippetSamples == 12_000...24_000 && config.snippets == 1...3)
  }

  @Test func aBatchOfOneStaysClean() throws {
    let clean = constants(rows: 1, length: 50)
    let out = try mixing { $0.probability = 1 }.mixed(clean, seed: 0, step: 0, samples: [4])
    #expect(out.scalars == clean.scalars)
  }

  @Test func sourcesAreTheCleanOthers() throws {
    let clean = constants(rows: 2, length: 100)
    let mixing = try mixing {
      $0.probability = 1
      $0.volume = 0.5
    }
    for step in 0..<200 {
      let out = try mixing.mixed(clean, seed: 3, step: step, samples: [7, 8]).scalars
      // Up to three snippets add up; were a source mixed already, other sums would appear.
      #expect(out[..<100].allSatisfy { [1, 6, 11, 16].contains($0) })
      #expect(out[100...].allSatisfy { [10, 10.5, 11, 11.5].contains($0) })
      #expect(out[..<100].contains { $0 != 1 } && out[100...].contains { $0 != 10 })
    }
    #expect(clean.scalars == constants(rows: 2, length: 100).scalars)
  }

  /// With one snippet of fixed length, exactly that many samples change, and the pool's order is
  /// that of the other rows: a ramp over the whole batch comes back as a run with at most one jump.
  @Test func oneSnippetIsOneRunOfTheOtherRows() throws {
    let length = 60
    let ramp = (0..<3 * length).map { Float($0) }
    let clean = Tensor(ramp, shape: [3, length])
    let mixing = try mixing {
      $0.probability = 1
      $0.snippets = 1...1
      $0.snippetSamples = 15...15
    }
    var straddled = 0
    for step in 0..<300 {
      let out = try mixing.mixed(clean, seed: 1, step: step, samples: [0, 1, 2]).scalars
      let added = (0..<length).map { out[length + $0] - ramp[length + $0] }
      let places = added.indices.filter { added[$0] != 0 || out[length + $0] != ramp[length + $0] }
      // Sample 0 of row 0 adds nothing visible, so a run may look one shorter.
      #expect(places.count == 15 || (places.count == 14 && added[places[0]] == 1))
      #expect(places.last! - places[0] == places.count - 1)
      let run = places.map { added[$0] }
      #expect(run.allSatisfy { $0 < Float(length) || $0 >= Float(2 * length) }, "own audio")
      let jumps = zip(run, run.dropFirst()).map { $1 - $0 }
      #expect(jumps.allSatisfy { $0 == 1 || $0 == Float(length + 1) })
      straddled += jumps.contains(Float(length + 1)) ? 1 : 0
    }
    #expect(straddled > 10, "snippets run across the join of two clips")
  }

  @Test func probabilityCountsMixedClips() throws {
    let clean = constants(rows: 4, length: 40)
    let mixing = try mixing { $0.probability = 0.25 }
    var mixed = 0
    for step in 0..<2_000 {
      let out = try mixing.mixed(clean, seed: 5, step: step, samples: [0, 1, 2, 3]).scalars
      mixed += (0..<4).count { row in
        (0..<40).contains { out[row * 40 + $0] != clean.scalars[row * 40 + $0] }
      }
    }
    #expect(abs(Double(mixed) / 8_000 - 0.25) < 0.02, "mixed \(mixed) of 8000")
    let never = try self.mixing { $0.probability = 0 }
    #expect(
      try never.mixed(clean, seed: 5, step: 0, samples: [0, 1, 2, 3]).scalars == clean.scalars)
  }

  @Test func lengthsAndPlacesReachTheirEnds() throws {
    let clean = constants(rows: 2, length: 12)
    let mixing = try mixing {
      $0.probability = 1
      $0.snippets = 1...1
      $0.snippetSamples = 10...12
    }
    var lengths: Set<Int> = []
    var places: Set<Int> = []
    for step in 0..<300 {
      let out = try mixing.mixed(clean, seed: 2, step: step, samples: [0, 1]).scalars
      let changed = (0..<12).filter { out[$0] != 1 }
      lengths.insert(changed.count)
      places.insert(changed[0])
    }
    #expect(lengths == [10, 11, 12])
    #expect(places == [0, 1, 2])
  }

  @Test func drawsDependOnSeedStepAndSample() throws {
    let clean = constants(rows: 2, length: 100)
    let mixing = try mixing { $0.probability = 1 }
    func mixed(_ seed: UInt64, _ step: Int, _ samples: [Int]) throws -> [Float] {
      try mixing.mixed(clean, seed: seed, step: step, samples: samples).scalars
    }
    let reference = try mixed(1, 2, [3, 4])
    #expect(try mixed(1, 2, [3, 4]) == reference)
    #expect(try mixed(2, 2, [3, 4]) != reference)
    #expect(try mixed(1, 3, [3, 4]) != reference)
    #expect(try mixed(1, 2, [3, 5]).prefix(100) == reference.prefix(100))
    #expect(try mixed(1, 2, [3, 5]).suffix(100) != reference.suffix(100))
  }

  @Test(arguments: [1, 2])
  func snippetsLongerThanTheCropAreAnError(rows: Int) throws {
    let clean = constants(rows: rows, length: 19)
    let mixing = try mixing { $0.probability = 0.5 }
    #expect(throws: MixingError.snippetTooLong(snippet: 20, crop: 19)) {
      try mixing.mixed(clean, seed: 0, step: 0, samples: Array(0..<rows))
    }
  }

  @Test func uselessNumbersAreRefused() {
    #expect(throws: MixingError.self) { try mixing { $0.probability = 1.5 } }
    #expect(throws: MixingError.self) { try mixing { $0.snippetSamples = 0...5 } }
    #expect(throws: MixingError.self) { try mixing { $0.volume = .nan } }
    #expect(throws: MixingError.self) { try mixing { $0.snippets = -1...2 } }
  }
}
