import Audio
import Models
import Tensor

/// The features of a front end at the encoder's frames, `[T, width]`, of the clean crop.
struct FeatureTarget: CropTarget {
  private let frontEnd: any FrontEnd
  private let encoder: any EncoderConfiguration

  /// - Traps when: the front end does not fit the encoder's rates.
  init(_ kind: FeatureKind, encoder: any EncoderConfiguration) {
    do {
      frontEnd = try kind.frontEnd(sampleRate: encoder.sampleRate, frameRate: encoder.frameRate)
    } catch {
      preconditionFailure("FeatureTarget: \(error)")
    }
    self.encoder = encoder
  }

  var width: Int { frontEnd.width }

  func callAsFunction(_ samples: [Float]) -> Tensor {
    frontEnd(samples).sliced(axis: 0, 0..<encoder.frameCount(samples: samples.count))
  }
}
