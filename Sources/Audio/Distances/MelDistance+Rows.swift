import Foundation
import Kernels

extension MelDistance {
  /// The frames of a block.
  private var block: Int { 2 * transform.pairs }

  /// The samples by which a signal is reflected at each end.
  private var margin: Int { (windowLength - hopLength) / 2 }

  /// The distance of one row, and its gradient with respect to `x`.
  ///
  /// - Parameter share: The part that one band of one frame has in the mean.
  func distance(
    _ x: UnsafeBufferPointer<Float>, _ y: UnsafeBufferPointer<Float>, share: Double,
    gradient dx: UnsafeMutableBufferPointer<Float>
  ) -> Double {
    let logarithmShare = Double(logarithmWeight) * share / (M_LN10 * M_LN10)
    let (x, y) = (padded(x), padded(y))
    let slopes = AlignedFloats(x.count)
    let (own, other) = (BlockEnergies(of: self), BlockEnergies(of: self))
    let energySlopes = AlignedFloats(block * bank.count)
    let count = frames(dx.count)
    var sums = [0.0, 0.0]
    for first in stride(from: 0, to: count, by: block) {
      let place = first * hopLength
      own.load(x.base + place)
      other.load(y.base + place)
      // The frames after the last one have no slope.
      energySlopes.clear()
      etude_energy_distance(
        &sums, energySlopes.base, own.energies.base, other.energies.base, Self.floor, Float(share),
        Float(logarithmShare), min(block, count - first) * bank.count)
      own.addGradient(of: energySlopes.base, to: slopes.base + place)
    }
    fold(slopes, into: dx)
    return share * sums[0] + logarithmShare * sums[1]
  }

  /// A signal with its reflections, and with zeros that complete the last block.
  private func padded(_ samples: UnsafeBufferPointer<Float>) -> AlignedFloats {
    let blocks = (frames(samples.count) + block - 1) / block
    let result = AlignedFloats((blocks * block - 1) * hopLength + windowLength)
    (result.base + margin).update(from: samples.baseAddress!, count: samples.count)
    forEachReflection(samples.count) { place, source in result.base[place] = samples[source] }
    return result
  }

  /// The transpose of `padded`.
  private func fold(_ slopes: AlignedFloats, into dx: UnsafeMutableBufferPointer<Float>) {
    dx.baseAddress!.update(from: slopes.base + margin, count: dx.count)
    forEachReflection(dx.count) { place, source in dx[source] += slopes.base[place] }
  }

  private func forEachReflection(_ count: Int, _ body: (_ place: Int, _ source: Int) -> Void) {
    for position in [-margin..<0, count..<count + margin].joined() {
      body(margin + position, reflected(position, count: count))
    }
  }
}

/// The spectra and band energies of a block of frames.
private final class BlockEnergies {
  private let distance: MelDistance
  private let frames, spectra, powers: AlignedFloats
  /// `[frames, bands]`.
  let energies: AlignedFloats

  init(of distance: MelDistance) {
    let (length, pairs) = (distance.windowLength, distance.transform.pairs)
    self.distance = distance
    (frames, spectra) = (AlignedFloats(2 * pairs * length), AlignedFloats(2 * pairs * length))
    powers = AlignedFloats(2 * pairs * distance.bank.bins)
    energies = AlignedFloats(2 * pairs * distance.bank.count)
  }

  private func forEachPair(
    _ body: (_ first: Int, _ length: Int, _ spectrum: UnsafeMutablePointer<Float>) -> Void
  ) {
    let length = distance.windowLength
    for pair in 0..<distance.transform.pairs {
      body(2 * pair, length, spectra.base + 2 * pair * length)
    }
  }

  private func power(_ frame: Int) -> UnsafeMutablePointer<Float> {
    powers.base + frame * distance.bank.bins
  }

  /// Computes the energies of frames that begin at `samples`.
  func load(_ samples: UnsafePointer<Float>) {
    let (hop, bank) = (distance.hopLength, distance.bank)
    forEachPair { first, length, _ in
      etude_pair_window(
        frames.base + first * length, samples + first * hop, samples + (first + 1) * hop,
        distance.window, length)
    }
    distance.transform(frames.base, into: spectra.base)
    forEachPair { first, length, spectrum in
      etude_pair_power(power(first), power(first + 1), spectrum, length)
    }
    for frame in 0..<2 * distance.transform.pairs {
      bank(power(frame), into: energies.base + frame * bank.count)
    }
  }

  /// Adds the gradient of the samples from that of the energies; overwrites the spectra.
  func addGradient(of slopes: UnsafePointer<Float>, to samples: UnsafeMutablePointer<Float>) {
    let (hop, bank) = (distance.hopLength, distance.bank)
    powers.clear()
    for frame in 0..<2 * distance.transform.pairs {
      bank.spread(slopes + frame * bank.count, onto: power(frame))
    }
    forEachPair { first, length, spectrum in
      etude_pair_power_gradient(spectrum, power(first), power(first + 1), length)
    }
    distance.transform.inverse(spectra.base, into: frames.base)
    forEachPair { first, length, _ in
      for half in 0...1 {
        etude_pair_add(
          samples + (first + half) * hop, frames.base + first * length + half, distance.window,
          length)
      }
    }
  }
}
