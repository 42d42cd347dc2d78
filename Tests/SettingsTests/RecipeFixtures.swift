import Foundation
import Settings
import TestSupport
import Testing
import YAML

/// A recipe of every kind of setting, in place of the real one.
struct Study: Configuration {
  var name = "study"
  var encoder = Encoder()
  var mask: Mask? = Mask()
  var teacher: Teacher?
  var stages: [Stage] = [Stage(), Stage(width: 3)]
  var kernels = [10, 3, 3]
  var learningRate: Float = 5e-4
  var threshold = 1e-12
  var seed: UInt64 = .max
  var tiny: Int8 = 5
  var isShuffled = true
  var precision = Precision.fp32
  var weights: [String: Double] = ["cqt": 0.1]

  struct Encoder: Configuration {
    var width = 768
    var heads = 12
    var layers = 12
    var dropout: Float? = 0.1
    var drop: Drop = Drop(layer: 0.25)
  }

  struct Drop: Configuration {
    var layer: Float = 0.05
    var input: Float = 0.1
  }

  struct Mask: Configuration {
    var probability: Float = 0.65
    var spanFrames = 10
  }

  struct Teacher: Configuration {
    var clusters = 500
    var features = Features.mfcc39
    var inner: Mask? = Mask(probability: 0.5)
  }

  struct Stage: Configuration {
    var width = 7
    var rate: Double?
  }

  enum Features: String, Codable, CaseIterable { case mfcc39, mfcc60, logmel229 }
  enum Precision: String, Codable, CaseIterable { case fp32, bf16 }
}

/// The study that one text describes.
func study(_ yaml: String, settings: [String] = []) throws -> Study {
  let folder = try TestFolder()
  return try RecipeFile.load(Study.self, from: folder.write(yaml, to: "x.yaml"), settings: settings)
}

/// The error of a text, without the folder.
func complaint(of yaml: String, settings: [String] = []) -> String {
  do {
    let study = try study(yaml, settings: settings)
    return "no error, but \(study)"
  } catch {
    let text = "\(error)"
    return text.range(of: "x.yaml").map { String(text[$0.lowerBound...]) } ?? text
  }
}
