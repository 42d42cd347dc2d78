import Models
import Optimisation
import Tensor
import TestSupport
import Testing

/// The outer step of replicas against PyTorch's SGD with Nesterov momentum.
@Suite struct OuterStepTests {
  private let file: [String: Tensor]
  private var config = LocalSteps()

  init() throws {
    file = try golden("local_steps")
    config.replicas = 3
  }

  private func pair(_ name: String) throws -> Pair {
    Pair(a: try file.named("\(name).a"), b: try file.named("\(name).b"))
  }

  private func outer() throws -> OuterStep {
    let start = try pair("start")
    return OuterStep(config, of: start, trainedBy: AdamW(AdamW.Config(), for: start).numbers)
  }

  private func advance(_ outer: inout OuterStep, _ step: Int) throws {
    var sums = try outer.distances(of: pair("replica.\(step).0"))
    for replica in 1..<3 {
      let distances = try outer.distances(of: pair("replica.\(step).\(replica)"))
      sums = zip(sums, distances).map { $0 + $1 }
    }
    outer.advance(along: sums.map { $0 * (1 / 3) })
  }

  private func expect(_ outer: OuterStep, isJoined step: Int) throws {
    for name in outer.paths {
      let wanted = try file.named("joined.\(step).\(name)")
      expectClose(outer.parameters[name]!, wanted, relative: 1e-6)
    }
  }

  @Test func stepsAsSGDWithNesterovMomentum() throws {
    var outer = try outer()
    #expect(outer.paths == ["a", "b"])
    for step in 1...4 {
      try advance(&outer, step)
      try expect(outer, isJoined: step)
    }
  }

  @Test func goesOnFromItsState() throws {
    var (first, second) = (try outer(), try outer())
    for step in 1...2 { try advance(&first, step) }
    try second.restore(first.state)
    for step in 3...4 { try advance(&second, step) }
    try expect(second, isJoined: 4)
    #expect(throws: ModelError.self) { try second.restore([:]) }
  }

  @Test func frozenParametersStay() throws {
    var (settings, group) = (AdamW.Config(), ParameterGroup())
    (group.match, group.frozen) = ("b", true)
    settings.groups = [group]
    let start = try pair("start")
    let outer = OuterStep(config, of: start, trainedBy: AdamW(settings, for: start).numbers)
    #expect(outer.paths == ["a"])
  }
}
