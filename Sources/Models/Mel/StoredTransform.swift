import Models
import Tensor

/// The names of the window and the bands of mel frames in a file, as torchaudio keeps them.
struct StoredTransform {
  let window: String
  let bands: String

  /// Below a prefix that ends with a point.
  init(below prefix: String) {
    (window, bands) = ("\(prefix)spectrogram.window", "\(prefix)mel_scale.fb")
  }

  /// Those of an encoder; none of one over a constant-Q spectrum.
  func tensors(of encoder: MelEncoder) -> [(name: String, tensor: Tensor)] {
    guard let (window, bank) = encoder.input.melTransform else { return [] }
    return [(name: self.window, tensor: window), (name: bands, tensor: bank)]
  }

  /// Takes them out of a file's tensors, where it has them.
  /// - Throws: `ModelError.tensors` if its mel frames are not those of the encoder.
  func remove(from weights: inout Weights, of encoder: MelEncoder) throws {
    for (name, ours) in tensors(of: encoder) {
      guard let theirs = try weights.remove(name) else { continue }
      let isSame =
        theirs.shape == ours.shape
        && zip(theirs.scalars, ours.scalars).allSatisfy { abs($0 - $1) < 1e-4 }
      guard isSame else {
        throw ModelError.tensors("'\(name)' is not that of the configuration's mel frames")
      }
    }
  }
}
