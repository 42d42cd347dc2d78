import Audio
import Models
import Tensor

/// Separates a source from whole songs: a mask network, the Wiener filter, the inverse transform.
struct Separator: Sendable {
  let network: MaskNetwork
  /// The layers that it sees.
  let layers: [Int]
  let frames: SeparationFrames
  private static let filter = WienerFilter()

  /// The signal of the source.
  ///
  /// - Parameters:
  ///   - mixture: Both channels of a song.
  ///   - states: The frames of every layer, of `SeparationFrames`.
  func source(of mixture: [[Float]], _ states: [Tensor]) -> [[Float]] {
    let spectra = mixture.map { frames.transform($0) }
    let magnitudes = frames.magnitudes(mixture)
    let shape = magnitudes.shape
    let seen = layers.map { states[$0].reshaped([1, shape[0], states[$0].shape[1]]) }
    let estimate = network(
      seen, of: magnitudes.reshaped([1, shape[0], shape[1]]), in: .evaluating())
    let target = Self.filter.target(
      of: estimate.read { Array($0) },
      in: StereoSpectrum(left: spectra[0].complex, right: spectra[1].complex), bins: shape[1])
    return [target.left, target.right].map { channel in
      frames.transform.inverse(
        Tensor(channel, shape: [shape[0], shape[1], 2]), count: mixture[0].count)
    }
  }
}

extension Tensor {
  /// The complex numbers of `[frames, bins, 2]`.
  fileprivate var complex: ComplexSpectrum {
    let numbers = read { Array($0) }
    return ComplexSpectrum(
      real: stride(from: 0, to: numbers.count, by: 2).map { numbers[$0] },
      imaginary: stride(from: 1, to: numbers.count, by: 2).map { numbers[$0] })
  }

  fileprivate init(_ spectrum: ComplexSpectrum, shape: Shape) {
    let pairs = zip(spectrum.real, spectrum.imaginary).flatMap { [$0, $1] }
    self.init(pairs, shape: shape)
  }
}
