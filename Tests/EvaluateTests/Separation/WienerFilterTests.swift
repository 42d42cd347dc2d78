import Evaluate
import TestSupport
import Testing

/// Against open-unmix; the values are written by `Tests/Golden/marble.py`.
@Suite struct WienerFilterTests {
  private struct Golden: Decodable {
    struct Case: Decodable {
      var bins: Int
      var window: Int
      var magnitudes: [Float]
      /// Channels, then real and imaginary parts.
      var mixture: [[[Float]]]
      var target: [[[Float]]]
    }
    var spectra: [Case]
  }

  private func spectrum(_ parts: [[[Float]]]) -> StereoSpectrum {
    StereoSpectrum(
      left: ComplexSpectrum(real: parts[0][0], imaginary: parts[0][1]),
      right: ComplexSpectrum(real: parts[1][0], imaginary: parts[1][1]))
  }

  private func values(_ spectrum: StereoSpectrum) -> [Double] {
    [spectrum.left, spectrum.right].flatMap { ($0.real + $0.imaginary).map(Double.init) }
  }

  /// Several windows, one that is short, loud mixtures that are scaled, quiet ones, bins without the source.
  @Test func isThatOfOpenUnmix() throws {
    for right in try goldenJSON("marble", as: Golden.self).spectra {
      let target = WienerFilter(windowFrames: right.window)
        .target(of: right.magnitudes, in: spectrum(right.mixture), bins: right.bins)
      let difference = zip(values(target), values(spectrum(right.target))).map { abs($0 - $1) }
        .max()!
      let loudest = right.mixture.joined().joined().map(abs).max()!
      #expect(difference < 1e-6 * Double(loudest), "\(difference)")
    }
  }

  /// A mixture in the middle of the stereo image, `x = (2 + 2i)` in both channels, of a magnitude of `2 √2`. If the
  /// estimate is three quarters of it, the residual is one: powers of 9 to 1, so that the target has nine tenths.
  @Test(arguments: [Float(1), 100])
  func sharesTheMixtureByPower(loudness: Float) {
    let mixture = spectrum([[[2 * loudness], [2 * loudness]], [[2 * loudness], [2 * loudness]]])
    let magnitude = 0.75 * 2 * Float(2).squareRoot() * loudness
    let target = WienerFilter().target(of: [magnitude], in: mixture, bins: 1)
    let right = [Double](repeating: 0.9 * 2 * Double(loudness), count: 4)
    #expect(isClose(values(target), right, within: 1e-5))
  }

  @Test func withoutAnEstimateThereIsNoTarget() {
    let mixture = spectrum([[[3], [0]], [[0], [4]]])
    #expect(values(WienerFilter().target(of: [0], in: mixture, bins: 1)) == [0, 0, 0, 0])
  }

  /// `x = (3, 0)` and `V = 3` give `y₁ = (3, 3)`, `y₂ = (0, −3)`, so `C = [[9, 9], [9, 18]]`, `C⁻¹ x = (2/3, −1/3)` and
  /// `9 · (2/3 − 1/3) = 3` in both channels.
  @Test func thePhaseOfSilenceIsZero() {
    let mixture = spectrum([[[3], [0]], [[0], [0]]])
    let target = WienerFilter().target(of: [3], in: mixture, bins: 1)
    #expect(isClose(values(target), [3, 0, 3, 0], within: 1e-5))
  }

  @Test func silenceStaysSilent() {
    let silence = spectrum([[[0, 0], [0, 0]], [[0, 0], [0, 0]]])
    #expect(values(WienerFilter().target(of: [1, 0], in: silence, bins: 1)) == values(silence))
  }

  /// NaN in a bin stays in its bin and window.
  @Test func nanStaysInItsWindow() {
    let ones = [Float](repeating: 1, count: 8)
    let target = WienerFilter(windowFrames: 2).target(
      of: [.nan, 1, 1, 1, 1, 1, 1, 1], in: spectrum([[ones, ones], [ones, ones]]), bins: 2)
    #expect(
      target.left.real.map(\.isNaN) == [true, false, true, false] + [false, false, false, false])
  }

  @Test func trapsOnPartOfAFrame() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let channel = ComplexSpectrum(real: [1, 2, 3], imaginary: [0, 0, 0])
      let mixture = StereoSpectrum(left: channel, right: channel)
      _ = WienerFilter().target(of: [1, 1, 1], in: mixture, bins: 2)
    }
    expectWords(
      "WienerFilter.target: needs a magnitude for each of whole frames of 2 bins, got 3 for 3",
      in: result)
  }
}
