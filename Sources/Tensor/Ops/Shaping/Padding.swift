import Foundation
import Kernels

/// The number of frames that are added before and after a signal.
public struct Padding: Sendable, Equatable {
  /// The content of the added frames.
  public enum Mode: Sendable, CaseIterable {
    /// Zeros.
    case zeros
    /// The signal mirrored at its first and last frame, which are not repeated.
    case reflect
    /// Copies of the first and of the last frame.
    case replicate
  }

  /// Frames before the first.
  public let left: Int
  /// Frames after the last.
  public let right: Int

  /// - Traps when: a number is negative.
  public init(left: Int, right: Int) {
    precondition(left >= 0 && right >= 0, "Padding: \(left) and \(right) are not both at least 0")
    (self.left, self.right) = (left, right)
  }

  /// No frames.
  public static let none = Padding(left: 0, right: 0)

  /// The same number of frames before and after.
  public static func both(_ frames: Int) -> Padding { Padding(left: frames, right: frames) }

  /// The padding with which a convolution of stride 1 returns as many frames as it reads. If the
  /// total is odd, one frame more is added after than before, as in PyTorch.
  public static func same(kernel: Int, dilation: Int = 1) -> Padding {
    let total = dilation * (kernel - 1)
    return Padding(left: total / 2, right: total - total / 2)
  }

  /// The padding with which a convolution does not read ahead: frame `t` of the result depends on
  /// input frames before `stride (t + 1)`. All of it is on the left.
  ///
  /// - Source: Défossez et al. 2022 (EnCodec). Their implementation may also add frames on the
  ///   right, so that the convolution covers the whole input.
  public static func causal(kernel: Int, stride: Int = 1, dilation: Int = 1) -> Padding {
    Padding(left: max(0, dilation * (kernel - 1) - (stride - 1)), right: 0)
  }

  /// The total number of added frames.
  public var total: Int { left + right }
}

extension Tensor {
  /// A signal with frames added at its ends: `[B, T, C] -> [B, left + T + right, C]`.
  ///
  /// - Gradient: the gradient of an added frame goes to the frame that it repeats; keeps nothing.
  /// - Traps when: the shape is not `[B, T, C]`, a reflected signal is not longer than the padding,
  ///   or a replicated signal has no frame.
  public func padded(_ padding: Padding, mode: Padding.Mode = .zeros) -> Tensor {
    checkPadding("padded", padding, mode)
    if padding == .none { return self }
    let frames = PaddedFrames(time: shape[1], padding: padding, mode: mode)
    let input = kept()
    return frames.forward(detached()).derived(from: edge(frames.gradient))
      .recomputable { frames.forward(input()) }
  }

  /// Traps unless this is a signal `[B, T, C]` that can be padded so.
  func checkPadding(_ op: String, _ padding: Padding, _ mode: Padding.Mode) {
    precondition(rank == 3, "\(op): needs [B, T, C], got shape \(shape)")
    let longest = max(padding.left, padding.right)
    precondition(
      mode != .reflect || longest < max(1, shape[1]),
      "\(op): reflecting \(longest) frames needs a longer signal, got \(shape[1]) frames")
    precondition(
      mode != .replicate || longest == 0 || shape[1] > 0,
      "\(op): replicating \(longest) frames needs a frame, got shape \(shape)")
  }
}

/// The frame of the signal that each frame of the padded signal holds.
struct PaddedFrames: Sendable {
  let time: Int
  let padding: Padding
  let mode: Padding.Mode

  /// The number of frames of the padded signal.
  var count: Int { time + padding.total }
  /// The frames of the padded signal that hold the signal itself.
  var own: Range<Int> { padding.left..<padding.left + time }

  /// The frame that an added frame repeats; nil if the added frame is 0.
  private func source(of frame: Int) -> Int? {
    let t = frame - padding.left
    switch mode {
    case .zeros: return nil
    case .reflect: return t < 0 ? -t : 2 * (time - 1) - t
    case .replicate: return min(max(t, 0), time - 1)
    }
  }

  func forEachAdded(_ body: (_ frame: Int, _ source: Int?) -> Void) {
    for frame in 0..<own.lowerBound { body(frame, source(of: frame)) }
    for frame in own.upperBound..<count { body(frame, source(of: frame)) }
  }

  /// The padded signal.
  ///
  /// - Parameter copy: Writes what the padded signal holds of a number of elements; copies them if nil.
  func forward(_ x: Tensor, through copy: ((MutableReals, Reals, Int) -> Void)? = nil) -> Tensor {
    let (source, frameBytes) = (x.bytes, x.shape[2] * x.dtype.byteCount)
    var result = Tensor(uninitialized: x.shape.replacing(axis: 1, with: count), dtype: x.dtype)
    result.updateBytes { y in
      Cores.forEach(x.shape[0]) { b in
        let (from, to) = (source + b * time * frameBytes, y + b * count * frameBytes)
        let place = to + own.lowerBound * frameBytes
        if let copy {
          copy(
            MutableReals(base: place, dtype: x.dtype), Reals(base: from, dtype: x.dtype),
            time * x.shape[2])
        } else {
          place.copyMemory(from: from, byteCount: time * frameBytes)
        }
        forEachAdded { frame, source in
          if let source {
            (to + frame * frameBytes)
              .copyMemory(from: place + source * frameBytes, byteCount: frameBytes)
          } else {
            memset(to + frame * frameBytes, 0, frameBytes)
          }
        }
      }
    }
    return result
  }

  /// The gradient, summed in float32.
  func gradient(_ dy: Tensor) -> Tensor {
    if mode == .zeros { return dy.sliced(axis: 1, own) }
    let dy = dy.converted(to: .float32)
    defer { withExtendedLifetime(dy) {} }
    let (from, width) = (dy.floats, dy.shape[2])
    var dx = dy.sliced(axis: 1, own)
    dx.update { dx in
      guard let dx = dx.baseAddress else { return }
      Cores.forEach(dy.shape[0]) { b in
        forEachAdded { frame, source in
          guard let source else { return }
          etude_accumulate(
            dx + (b * time + source) * width, from + (b * count + frame) * width, 1, width)
        }
      }
    }
    return dx
  }
}
