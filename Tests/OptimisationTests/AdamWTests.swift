import Foundation
import Models
import Optimisation
import Tensor
import TestSupport
import Testing

/// Two parameters, and a loss that has any gradient one wants.
struct Pair: Module {
  var a: Tensor
  var b: Tensor

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("a", &a)
    visitor.parameter("b", &b)
  }

  /// The gradients `a` and `b`.
  func gradients(_ a: Tensor, _ b: Tensor) -> Gradients {
    ((self.a * a).sum() + (self.b * b).sum()).gradients()
  }

  /// All numbers of both.
  var scalars: [Float] { a.scalars + b.scalars }
}

@Suite struct AdamWTests {
  private let file: [String: Tensor]
  private var pair: Pair
  private var config = AdamW.Config()

  init() throws {
    file = try golden("objectives").under("adamw")
    pair = Pair(a: try file.named("parameter.0.a"), b: try file.named("parameter.0.b"))
    pair.trackGradients()
    (config.epsilon, config.weightDecay, config.clipNorm) = (1e-3, 0.1, 2)
  }

  private func gradients(_ t: Int, of pair: Pair) throws -> Gradients {
    pair.gradients(try file.named("gradient.\(t).a"), try file.named("gradient.\(t).b"))
  }

  /// PyTorch's AdamW with its epsilon moved to where ours is, norms of 1e-4 to 500 clipped at 2.
  @Test func followsTheReference() throws {
    var pair = pair
    var optimizer = AdamW(config, for: pair)
    for t in 1...7 {
      let norms = optimizer.update(&pair, along: try gradients(t, of: pair), rate: 0.05 / Float(t))
      let all = try file.named("gradient.\(t).a").scalars + file.named("gradient.\(t).b").scalars
      let expected = all.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(norms.total - expected) <= 1e-5 * expected, "the norm is that before clipping")
      expectClose(pair.a, try file.named("parameter.\(t).a"), relative: 1e-6)
      expectClose(pair.b, try file.named("parameter.\(t).b"), relative: 1e-6)
    }
    #expect(optimizer.step == 7)
  }

  @Test func clipsOnlyAboveTheNorm() throws {
    var updated: [Float: [Float]] = [:]
    for clip in [Float(0), 1e6, 2, 0.5] {
      var (pair, config) = (pair, config)
      config.clipNorm = clip
      var optimizer = AdamW(config, for: pair)
      // A second update shows what the first left in the moments.
      for t in [2, 3] { optimizer.update(&pair, along: try gradients(t, of: pair), rate: 0.1) }
      updated[clip] = pair.scalars
    }
    #expect(updated[0] == updated[1e6], "0 does not clip")
    #expect(updated[0] != updated[2] && updated[2] != updated[0.5])
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func leavesOutWhatIsNotFinite(value: Float) throws {
    var pair = pair
    var optimizer = AdamW(config, for: pair)
    optimizer.update(&pair, along: try gradients(1, of: pair), rate: 0.1)
    let (before, moments) = (pair.scalars, optimizer.state.mapValues(\.scalars))

    var broken = try file.named("gradient.2.a")
    broken.update { $0[3] = value }
    let found = pair.gradients(broken, try file.named("gradient.2.b"))
    #expect(!optimizer.update(&pair, along: found, rate: 0.1).total.isFinite)
    #expect(pair.scalars == before)
    #expect(optimizer.state.mapValues(\.scalars) == moments)
    #expect(optimizer.step == 1)
  }

  @Test func aParameterWithoutGradientStays() throws {
    var pair = pair
    var optimizer = AdamW(config, for: pair)
    let b = pair.b.scalars
    optimizer.update(&pair, along: (pair.a * 2).sum().gradients(), rate: 0.1)
    #expect(pair.b.scalars == b && optimizer.state["second.b"]!.scalars == [0, 0, 0, 0, 0])
  }

  @Test func goesOnFromItsState() throws {
    var (whole, halves) = (pair, pair)
    var optimizer = AdamW(config, for: pair)
    for t in 1...4 { optimizer.update(&whole, along: try gradients(t, of: whole), rate: 0.1) }

    var first = AdamW(config, for: pair)
    for t in 1...2 { first.update(&halves, along: try gradients(t, of: halves), rate: 0.1) }
    var second = AdamW(config, for: pair)
    try second.restore(first.state, step: first.step)
    for t in 3...4 { second.update(&halves, along: try gradients(t, of: halves), rate: 0.1) }
    #expect(whole.scalars == halves.scalars)
    #expect(second.state.mapValues(\.scalars) == optimizer.state.mapValues(\.scalars))
  }

  @Test func refusesAnotherModelsState() throws {
    var optimizer = AdamW(config, for: pair)
    var state = optimizer.state
    state["first.a"] = .zeros([4, 3])
    #expect { try optimizer.restore(state, step: 1) } throws: { error in
      let text = "\(error)"
      return text.contains("first.a") && !text.contains("\n")
    }
    state["first.a"] = nil
    #expect(throws: ModelError.self) { try optimizer.restore(state, step: 1) }
  }
}

extension [String: Tensor] {
  func named(_ name: String) throws -> Tensor { try #require(self[name], "\(name)") }
}
