import Evaluate
import Foundation
import Models
import Tensor
import Testing

/// Features that are no numbers end a probe with their file and layer.
@Suite struct FiniteFeaturesTests {
  private let examples = ProbeExamples(
    task: "t",
    (0..<60).map { i in
      ProbeExample(piece: i / 3, time: Double(i % 3)..<Double(i % 3 + 1), label: "\(i % 2)")
    })

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func theFileAndTheLayerAreNamed(value: Float) throws {
    let probing = try Probing(
      ProbeRecipe(), tasks: [examples], pieces: 20, name: { "music/\($0).wav" },
      samples: { piece, rate in [Float](repeating: Float(piece), count: 5 * rate) })
    let subject = ProbeSubject(model: "runs/a", kind: .pretrained) { _ in
      FrameFeatures(sampleRate: 100, hopLength: 10, firstCentre: 5) { samples in
        var layer = Tensor((0..<100).map { Float($0 % 17) }, shape: [50, 2])
        let sound = layer
        if samples[0] == 7 { layer.update { $0[30] = value } }
        return [sound, layer]
      }
    }
    let error = #expect(throws: ProbeError.self) { try probing.rows(of: subject) }
    #expect(error == .notFinite(model: "runs/a", file: "music/7.wav", layer: 1))
    #expect(
      error?.description.hasPrefix(
        "runs/a: the features of layer 1 for music/7.wav hold a NaN or an infinity") == true)
  }

  @Test func regressionsPredictTheFirstOfEquals() {
    let features = Tensor([0, 0, 0, 0], shape: [4, 1])
    let path = LogisticRegression.path(fittedTo: features, classes: [0, 1, 0, 1], classCount: 2)
    #expect(path[0].predictions(features) == [0, 0, 0, 0])
  }
}
