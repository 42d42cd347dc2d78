import Kernels

/// Which two channels of a head are a pair that a rotary position turns.
public enum RotaryPairs: String, Codable, Sendable, CaseIterable {
  /// Channel `i` and channel `n + i` of `n` pairs.
  case halves
  /// Channels `2 i` and `2 i + 1`.
  case neighbours
}

extension Tensor {
  /// Turns pairs of channels of every head by angles in proportion to the time, `[B, T, D] -> [B, T, D]`:
  /// pair `i` of frame `t` becomes `(a cos θ - b sin θ, b cos θ + a sin θ)` with `θ = t frequencies[i]`.
  ///
  /// The dot product of two frames that are turned so depends on their distance in time alone. The
  /// first `2 n` channels of a head are turned, where `n` is the number of frequencies; the others
  /// stay. Angles are float32.
  ///
  /// - Parameters:
  ///   - heads: `H`, which divides `D`.
  ///   - frequencies: Radians from one frame to the next, for each pair of a head.
  ///   - pairs: Which channels are a pair.
  /// - Gradient: the gradient of the result, turned back; keeps the angles.
  /// - Traps when: the shape is not `[B, T, D]`, `heads` does not divide `D`, or the pairs do not fit
  ///   into a head.
  /// - Source: Su et al. 2021, 3.2; `.neighbours` as there, `.halves` as in GPT-NeoX.
  public func rotated(
    heads: Int, frequencies: [Float], pairs: RotaryPairs = .halves
  ) -> Tensor {
    precondition(
      rank == 3 && heads >= 1 && shape[2] % heads == 0 && 2 * frequencies.count <= shape[2] / heads,
      "rotated: \(frequencies.count) pairs in each of \(heads) heads do not fit shape \(shape)")
    let rotation = Rotation(
      heads: heads, pairs: pairs, frequencies: frequencies, frames: shape[1])
    return rotation.turning(detached()).derived(from: edge { rotation.turningBack($0) })
  }
}

/// The angles of all frames, as cosines and sines.
private struct Rotation {
  let heads: Int
  let pairs: RotaryPairs
  /// `[T, n]`
  private let cosines: Tensor
  private let sines: Tensor

  init(heads: Int, pairs: RotaryPairs, frequencies: [Float], frames: Int) {
    (self.heads, self.pairs) = (heads, pairs)
    let angles = Tensor(
      (0..<frames).flatMap { time in frequencies.map { Float(time) * $0 } },
      shape: [frames, frequencies.count])
    (cosines, sines) = (angles.cos(), angles.sin())
  }

  func turning(_ x: Tensor) -> Tensor { turned(x, by: sines) }

  func turningBack(_ dy: Tensor) -> Tensor { turned(dy, by: -sines) }

  private func turned(_ x: Tensor, by sines: Tensor) -> Tensor {
    let (frames, width, count) = (x.shape[1], x.shape[2], cosines.shape[1])
    let (source, c, s) = (x.reals, cosines.floats, sines.floats)
    defer { withExtendedLifetime((x, sines)) {} }
    let turn = pairs == .halves ? etude_rotate_halves : etude_rotate_neighbours
    return .filled(x.shape, dtype: x.dtype) { y in
      forEachRow(x.shape[0] * frames, width: width, buffers: 2) { row, room in
        let (start, angle) = (row * width, row % frames * count)
        turn(
          y.place(start, buffer: room[0]), source.floats(start, width, buffer: room[1]),
          c + angle, s + angle, heads, width / heads, count)
        y.store(start, width, buffer: room[0])
      }
    }
  }
}
