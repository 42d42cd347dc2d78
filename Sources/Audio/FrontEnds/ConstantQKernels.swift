import Foundation
import Kernels
import Synchronization

/// The spectra of all kernels of a constant-Q transform, for blocks of one length.
///
/// A block of `N = frames · hop` samples is transformed as a whole. A kernel's output at every
/// sample would be the inverse transform of `X conj(G_k)`. To keep every `hop`-th sample only, that
/// spectrum is folded modulo `frames`, and `frames` numbers are transformed back. `G_k` has a
/// closed form. Only `lobes` lobes on either side of its peak are kept, because the spectrum of a
/// Hann window falls with the cube of the distance.
///
/// The centre of a kernel of odd length is half a sample away from the middle of its window. Such a
/// kernel multiplies a spectrum that is delayed by half a sample, `X exp(-πi ν / N)`. So every
/// `G_k` is real, except for a constant phase, which does not change magnitudes.
///
/// - Source: Brown and Puckette 1992 for kernels in the spectrum; the folding is our own.
final class ConstantQKernels: @unchecked Sendable {
  // Safe to share: only the pool of workspaces changes, under its lock.

  /// The half-width of the kept part, in units of `N / l_k` bins; 2 is the main lobe. The error is
  /// 6e-5 of the RMS with 16, and 1e-5 with 32.
  private static let lobes = 24

  /// The kept part of one kernel's spectrum.
  private struct Kernel {
    /// The spectral bin of the first value; may be negative for few bins per octave.
    var first: Int
    /// The position of the first value in `values`.
    var offset: Int
    var count: Int
    /// Whether the kernel multiplies the delayed spectrum.
    var isOdd: Bool
  }

  /// The number of frames of a block.
  let frames: Int
  /// The reach of the longest kernel to either side, frames.
  let reachFrames: Int
  private let hopLength: Int
  private let kernels: [Kernel]
  private let values: [Float]
  /// The spectral bins that the kernels multiply.
  private let seen: Range<Int>
  /// `exp(-πi ν / N)` of these bins.
  private let delay: [Float]
  /// The number of mirrored bins kept below 0 and above the Nyquist frequency.
  private let overhang: Int
  private let forward: BlockTransform
  private let inverse: InverseTransform
  private let pool = Mutex<[Workspace]>([])

  init(_ config: ConstantQ.Config, sampleRate: Int, hopLength: Int, frames: Int) {
    let length = frames * hopLength
    (self.frames, self.hopLength) = (frames, hopLength)
    reachFrames = ConstantQKernels.reach(config, sampleRate: sampleRate, hopLength: hopLength)
    var (kernels, values) = ([Kernel](), [Float]())
    for bin in 0..<config.bins {
      let shape = KernelShape(config, bin: bin, sampleRate: sampleRate, blockLength: length)
      let bins = shape.bins(lobes: ConstantQKernels.lobes)
      kernels.append(
        Kernel(
          first: bins.lowerBound, offset: values.count, count: bins.count,
          isOdd: !shape.length.isMultiple(of: 2)))
      values += bins.map(shape.value)
    }
    let end = kernels.map { $0.first + $0.count }.max() ?? 0
    let seen = (kernels.map(\.first).min() ?? 0)..<end
    (self.kernels, self.values, self.seen) = (kernels, values, seen)
    delay = seen.flatMap { bin -> [Float] in
      let angle = -Double.pi * Double(bin) / Double(length)
      return [Float(cos(angle)), Float(sin(angle))]
    }
    overhang = AlignedFloats.rounded(max(-seen.lowerBound, seen.upperBound - length / 2, 0))
    forward = BlockTransform(length: length)
    inverse = InverseTransform(length: frames)
  }

  /// The reach of the longest kernel to either side, frames.
  static func reach(_ config: ConstantQ.Config, sampleRate: Int, hopLength: Int) -> Int {
    let half = (config.kernelLength(of: 0, sampleRate: sampleRate) + 1) / 2
    return (half + hopLength - 1) / hopLength
  }
}

extension ConstantQKernels {
  /// The working memory for one block.
  private struct Workspace: @unchecked Sendable {
    let samples, spectrum, delayed, folded, series, magnitudes: AlignedFloats

    init(_ kernels: ConstantQKernels) {
      samples = AlignedFloats(kernels.forward.length)
      spectrum = AlignedFloats(2 * (kernels.forward.bins + 2 * kernels.overhang))
      delayed = AlignedFloats(2 * kernels.seen.count)
      folded = AlignedFloats(2 * kernels.frames)
      series = AlignedFloats(2 * kernels.frames)
      magnitudes = AlignedFloats(kernels.kernels.count * kernels.frames)
    }
  }

  /// The magnitudes of frames `firstFrame..<firstFrame + count` of a signal, `[count, bins]`.
  func transform(
    _ samples: UnsafeBufferPointer<Float>, firstFrame: Int, count: Int,
    into output: UnsafeMutablePointer<Float>
  ) {
    let workspace = pool.withLock { $0.popLast() } ?? Workspace(self)
    load(samples, firstFrame: firstFrame, into: workspace.samples)
    let spectrum = workspace.spectrum.base + 2 * overhang
    forward(workspace.samples.base, into: spectrum)
    mirror(spectrum)
    let visible = spectrum + 2 * seen.lowerBound
    etude_complex_multiply(workspace.delayed.base, visible, delay, seen.count)
    for (k, kernel) in kernels.enumerated() {
      fold(kernel.isOdd ? workspace.delayed.base : visible, kernel, into: workspace.folded)
      inverse(workspace.folded.base, into: workspace.series.base)
      etude_complex_magnitude(workspace.magnitudes.base + k * count, workspace.series.base, count)
    }
    etude_transpose(
      output, kernels.count, workspace.magnitudes.base, count, kernels.count, count)
    pool.withLock { $0.append(workspace) }
  }

  /// Copies the samples of a block. Sample 0 of the block is the centre of `firstFrame`. The
  /// samples before it go to the end of the block, because the transform is circular.
  private func load(
    _ samples: UnsafeBufferPointer<Float>, firstFrame: Int, into block: AlignedFloats
  ) {
    block.clear()
    guard let x = samples.baseAddress else { return }
    let start = firstFrame * hopLength
    let before = min(start, reachFrames * hopLength)
    let ahead = min(samples.count - start, block.count - reachFrames * hopLength)
    block.base.update(from: x + start, count: ahead)
    (block.base + block.count - before).update(from: x + start - before, count: before)
  }

  /// Fills the bins outside `0...N / 2` by `X[-ν] = conj(X[ν])`.
  private func mirror(_ spectrum: UnsafeMutablePointer<Float>) {
    let (length, top) = (forward.length, forward.length / 2)
    guard overhang > 0 else { return }
    for i in 1...overhang {
      copyMirrored(spectrum, from: i, to: -i)
      copyMirrored(spectrum, from: length - top - i, to: top + i)
    }
  }

  private func copyMirrored(_ spectrum: UnsafeMutablePointer<Float>, from: Int, to: Int) {
    spectrum[2 * to] = spectrum[2 * from]
    spectrum[2 * to + 1] = -spectrum[2 * from + 1]
  }

  /// `folded[ν mod frames] = Σ X[ν] G[ν]`; `spectrum` begins at the first bin of `seen`.
  private func fold(
    _ spectrum: UnsafePointer<Float>, _ kernel: Kernel, into folded: AlignedFloats
  ) {
    folded.clear()
    values.withUnsafeBufferPointer { values in
      var done = 0
      while done < kernel.count {
        let bin = kernel.first + done
        let target = ((bin % frames) + frames) % frames
        let run = min(kernel.count - done, frames - target)
        etude_complex_accumulate(
          folded.base + 2 * target, spectrum + 2 * (bin - seen.lowerBound),
          values.baseAddress! + kernel.offset + done, run)
        done += run
      }
    }
  }
}
