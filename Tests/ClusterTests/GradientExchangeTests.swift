import Cluster
import Tensor
import Testing

/// Sums over ranks that are threads.
@Suite struct GradientExchangeTests {
  private static let shapes: [Shape] = [[3, 5], [1], [64], [7, 11, 2]]

  /// The tensors of one of several terms.
  private static func term(_ number: Int) -> [Tensor] {
    var generator = RandomStream(seed: 7, purpose: .initialisation, step: number)
    return shapes.map { .normal($0, using: &generator) }
  }

  /// The bits of the sum of some terms, added by one process.
  private static func sum(_ terms: Range<Int>) -> [Tensor] {
    var sum = PairwiseSum<[Tensor]>()
    func add(_ a: inout [Tensor], _ b: [Tensor]) {
      for i in a.indices { a[i].add(b[i]) }
    }
    for number in terms { sum.add(term(number), by: add) }
    return sum.takeTotal(by: add)!
  }

  private static func bits(_ tensors: [Tensor]) -> [[UInt32]] {
    tensors.map { $0.scalars.map(\.bitPattern) }
  }

  private func bits(
    terms: Int, ranks: Int, wire: GradientExchange.Wire = .fp32, bucket: Int? = nil
  ) throws -> [[[UInt32]]] {
    try ThreadCommunicator.run(ranks: ranks) { ranks in
      try Cores.alone {
        var tensors = Self.sum(ranks.share(of: terms))
        try GradientExchange(among: ranks, wire: wire, bucket: bucket).sum(&tensors)
        return Self.bits(tensors)
      }
    }
  }

  /// Buckets end inside tensors, and segments beyond the last number.
  @Test(arguments: [1, 2, 3, 4, 5], [nil, 1, 10, 100])
  func allRanksHaveTheSum(ranks: Int, bucket: Int?) throws {
    let expected = Self.bits(Self.sum(0..<ranks))
    let all = try bits(terms: ranks, ranks: ranks, bucket: bucket)
    for (rank, own) in all.enumerated() { #expect(own == expected, "rank \(rank)") }
  }

  @Test(arguments: [(8, [1, 2, 4, 8]), (12, [1, 3, 6, 12]), (6, [3, 6])])
  func theBitsDoNotDependOnTheRanks(terms: Int, counts: [Int]) throws {
    let expected = Self.bits(Self.sum(0..<terms))
    for ranks in counts {
      #expect(try bits(terms: terms, ranks: ranks)[0] == expected, "\(ranks) ranks")
    }
  }

  /// Each contribution is rounded, and so is the sum.
  @Test(arguments: [2, 3, 5]) func bfloat16RoundsTwice(ranks: Int) throws {
    let all = try bits(terms: ranks, ranks: ranks, wire: .bf16, bucket: 50)
    for own in all { #expect(own == all[0]) }
    let exact = Self.sum(0..<ranks)
    for (tensor, bits) in zip(exact, all[0]) {
      for (wanted, found) in zip(tensor.scalars, bits) {
        let found = Float(bitPattern: found)
        #expect(BFloat16(found).float == found, "not rounded")
        #expect(abs(found - wanted) < 0.03 * Float(ranks))
      }
    }
  }

  @Test(arguments: GradientExchange.Wire.allCases)
  func whatIsNotFiniteStaysSo(wire: GradientExchange.Wire) throws {
    let all = try ThreadCommunicator.run(ranks: 3) { ranks in
      try Cores.alone {
        var tensors = [Tensor([1, ranks.rank == 1 ? .nan : 2, 3, ranks.rank == 2 ? .infinity : 4])]
        try GradientExchange(among: ranks, wire: wire).sum(&tensors)
        return tensors[0].scalars
      }
    }
    for own in all {
      #expect(own[0] == 3 && own[1].isNaN && own[2] == 9 && own[3] == .infinity, "\(own)")
    }
  }

  // MARK: - Tensors that belong to one rank each

  /// Dealt in turn, so that some rank has none of four.
  private static func dealt(_ tensors: [Tensor], among ranks: Int) -> [[Tensor]] {
    (0..<ranks).map { rank in
      tensors.enumerated().filter { $0.offset % ranks == rank }.map(\.element)
    }
  }

  @Test(arguments: [2, 3, 5], [nil, 1, 10, 100])
  func ownersHaveTheSumAndSpreadIt(ranks: Int, bucket: Int?) throws {
    for wire in GradientExchange.Wire.allCases {
      let expected = try ThreadCommunicator.run(ranks: ranks) { ranks in
        try Cores.alone {
          var tensors = Self.term(ranks.rank)
          try GradientExchange(among: ranks, wire: wire).sum(&tensors)
          return Self.dealt(tensors, among: ranks.count).map(Self.bits)
        }
      }[0]
      let all = try ThreadCommunicator.run(ranks: ranks) { ranks in
        try Cores.alone {
          let exchange = GradientExchange(among: ranks, wire: wire, bucket: bucket)
          var shards = Self.dealt(Self.term(ranks.rank), among: ranks.count)
          try exchange.reduce(&shards)
          #expect(Self.bits(shards[ranks.rank]) == expected[ranks.rank])
          var whole = Self.dealt(Self.term(9), among: ranks.count)
          whole[ranks.rank] = shards[ranks.rank]
          try exchange.spread(&whole)
          return whole.map(Self.bits)
        }
      }
      for own in all { #expect(own == expected) }
    }
  }

  @Test func theFirstRankCollectsTensors() throws {
    let all = try ThreadCommunicator.run(ranks: 3) { ranks in
      let own = ranks.rank == 1 ? [:] : ["of \(ranks.rank)": Tensor([Float(ranks.rank), 7])]
      return try ranks.collect(own).mapValues(\.scalars)
    }
    #expect(all == [["of 0": [0, 7], "of 2": [2, 7]], [:], ["of 2": [2, 7]]])
  }

  @Test func ranksComputePartsTogether() throws {
    for count in [0, 1, 2, 7] {
      let all = try ThreadCommunicator.run(ranks: 3) { ranks in
        try ranks.workers.tensors(count, progress: nil) { Tensor([Float($0), Float(ranks.rank)]) }
          .map { $0.scalars[0] }
      }
      for own in all { #expect(own == (0..<count).map(Float.init)) }
    }
  }

  @Test func aPartThatFailsFailsForAll() {
    struct Bad: Error {}
    let all = ThreadCommunicator.outcomes(ranks: 2) { ranks in
      try ranks.workers.tensors(4, progress: nil) { part in
        if part == 3 { throw Bad() }
        return Tensor([1])
      }.count
    }
    #expect(throws: ClusterError.self) { try all[0].get() }
    #expect(throws: Bad.self) { try all[1].get() }
  }

  @Test func oneRankKeepsItsOwn() throws {
    var tensors = [Tensor([1.0001, -2])]
    try GradientExchange(among: .alone, wire: .bf16).sum(&tensors)
    #expect(tensors[0].scalars == [1.0001, -2])
  }
}
