import Foundation
import Models
import Pretrain
import Settings
import Tensor
import YAML

/// The settings of a quantiser of features that labels the frames of the model.
protocol QuantizerSetting: LabelSetting {
  /// The frames that it quantises.
  var input: StackedFrames.Config { get }
}

extension QuantizerSetting {
  /// As many labels as frames of the model.
  func rate(for recipe: Recipe) throws -> LabelRate { try frames(for: recipe).rate }

  func validate(of recipe: Recipe) throws(InvalidSetting) {
    do throws(InvalidSetting) {
      _ = try frames(for: recipe)
    } catch {
      throw error.inside("input")
    }
  }

  /// Audio at the level at which the model reads it.
  func frames(for recipe: Recipe) throws(InvalidSetting) -> StackedFrames {
    let rate = LabelRate(sampleRate: recipe.sampleRate, hop: recipe.chosenEncoder.stride)
    return try StackedFrames(
      input, rate: rate, normalizesWaveform: recipe.chosenEncoder.normalizesWaveform)
  }

  /// All settings, and the level of the audio.
  func identity(kind: String, for recipe: Recipe) throws -> [String] {
    let level = recipe.chosenEncoder.normalizesWaveform ? ["normalizesWaveform"] : []
    return try [kind] + level + words
  }

  /// They have the same labels as a quantiser without a setting at its default.
  static var defaultIdentity: [String] { get throws { try Self().words } }

  var isFitted: Bool { true }

  func teacher(keptIn file: URL, for context: TeachingContext) throws -> any LabelTeacher {
    QuantizerTeacher(try StoredQuantizer(contentsOf: file))
  }

  /// It needs nothing but the audio.
  func checkSources(of recipe: Recipe) throws {}
}
