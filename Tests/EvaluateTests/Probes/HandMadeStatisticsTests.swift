import Audio
import Evaluate
import Foundation
import Tensor
import Testing

/// What the statistics read off tones whose pitch is known.
@Suite struct HandMadeStatisticsTests {
  /// Layers of a second of a sine of amplitude 0.3, `[T, D]` each.
  private func layers(of frequency: Double) throws -> [Tensor] {
    let samples = (0..<24_000).map { Float(0.3 * sin(2 * .pi * frequency * Double($0) / 24_000)) }
    return try FrameFeatures.handMade().layers(samples)
  }

  private func middle(_ layer: Tensor) -> [Float] {
    let width = layer.shape[1]
    return Array(layer.scalars[(layer.shape[0] / 2 * width)...].prefix(width))
  }

  @Test func framesLieSideBySide() throws {
    let layers = try layers(of: 440)
    #expect(layers.map(\.shape) == [[76, 80], [76, 168], [76, 12]])
  }

  /// A4 lies 90 quarter tones above 32.703 Hz; the value is the formula's for the front end's magnitude.
  @Test func theConstantQIsCompressed() throws {
    let bins = middle(try layers(of: 440)[1])
    #expect(bins.indices.max { bins[$0] < bins[$1] } == 90)
    var config = ConstantQ.Config()
    (config.bins, config.binsPerOctave, config.lowestFrequency) = (168, 24, 32.703)
    let samples = (0..<24_000).map { Float(0.3 * sin(2 * .pi * 440 * Double($0) / 24_000)) }
    let plain = middle(ConstantQ(config, sampleRate: 24_000)(samples))
    for (bin, magnitude) in plain.enumerated() {
      #expect(abs(bins[bin] - Float(log10(1 + 1e4 * Double(magnitude)))) < 1e-5)
    }
  }

  /// Of a tone between two semitones both classes have the same.
  @Test func chromaIsStandardisedInEachFrame() throws {
    let tuned = middle(try layers(of: 440)[2])
    #expect(tuned.indices.max { tuned[$0] < tuned[$1] } == 9)
    #expect(abs(tuned.reduce(0, +)) < 1e-4)
    #expect(abs(tuned.reduce(0) { $0 + $1 * $1 } / 12 - 1) < 1e-3)
    let between = middle(try layers(of: 440 * pow(2, 0.5 / 12))[2])
    #expect(abs(between[9] - between[10]) < 0.1)
    #expect(between.max() == max(between[9], between[10]))
  }

  @Test func silenceHasNoClass() throws {
    let layers = try FrameFeatures.handMade().layers([Float](repeating: 0, count: 4800))
    #expect(layers[2].scalars.allSatisfy { $0 == 0 })
  }

  /// The means of a spectrum are scored as those of features that have no deviations.
  @Test func aMeanIsAMeanAlone() throws {
    let examples = (0..<60).map { piece in
      ProbeExample(piece: piece, time: 0..<0.5, label: piece % 2 == 0 ? "low" : "high")
    }
    var recipe = ProbeRecipe()
    (recipe.folds, recipe.seeds) = (3, [1])
    let probing = try Probing(recipe, tasks: [ProbeExamples(task: "t", examples)], pieces: 60) {
      piece, rate in
      var noise = RandomStream(seed: UInt64(piece), purpose: .probe)
      let frequency = piece % 2 == 0 ? 400.0 : 420.0
      return (0..<rate / 2).map {
        0.01 * Float(sin(2 * .pi * frequency * Double($0) / Double(rate)))
          + Float.random(in: -0.1...0.1, using: &noise)
      }
    }
    let rows = try probing.rowsOfStatistics()
    #expect(rows.map(\.model) == HandMadeStatistics.all.map(\.name))
    for (index, layer) in [(0, 0), (2, 1), (4, 2)] {
      let alone = ProbeSubject(model: rows[index].model, kind: .statistics) { _ in
        var features = FrameFeatures.handMade()
        let layers = features.layers
        features.pooling = .mean
        features.layers = { [try layers($0)[layer]] }
        return features
      }
      #expect(try probing.rows(of: alone) == [rows[index]])
    }
  }
}
