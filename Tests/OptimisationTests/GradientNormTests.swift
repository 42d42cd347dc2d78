import Models
import Optimisation
import Tensor
import Testing

@Suite struct GradientNormTests {
  private struct Part: Module {
    var x = Tensor([1])

    mutating func visit(_ visitor: inout some ParameterVisitor) { visitor.parameter("x", &x) }
  }

  private struct Parts: Module {
    var a = Tensor([1])
    var front = Part()
    var still = Part()

    mutating func visit(_ visitor: inout some ParameterVisitor) {
      visitor.parameter("a", &a)
      visitor.child("front", &front, part: .frontEnd)
      visitor.child("still", &still, part: .heads)
    }
  }

  /// Gradients 2, 3 and none: √(4 + 9) in all, 3 in front, 0 where nothing asks.
  @Test func addsByPart() {
    var model = Parts()
    model.trackGradients()
    let gradients = ((model.a * 2).sum() + (model.front.x * 3).sum()).gradients()
    let norms = GradientNorms(of: gradients, in: model)
    #expect(norms.total == Float(13).squareRoot())
    #expect(norms.parts == [.frontEnd: 3, .heads: 0])
    #expect(norms.terms == ["gradient.frontEnd": 3, "gradient.heads": 0])
  }
}
