import Foundation
import Synchronization

/// The spectra of all kernels of a constant-Q transform, for blocks of one length.
///
/// A block of `N = frames · hop` samples is transformed as a whole. A kernel's output at every
/// sample would be the inverse transform of `X conj(G_k)`; keeping every `hop`-th sample folds that
/// spectrum modulo `frames`, so fold first and transform back `frames` numbers only. `G_k` has a
/// closed form, of which `lobes` lobes on either side are kept: the rest of a Hann window's spectrum
/// falls with the cube of the distance.
///
/// Source: Brown and Puckette 1992 for kernels in the spectrum; the folding is ours.
final class ConstantQKernels: @unchecked Sendable {
  // Safe to share: only the pool of workspaces changes, under its lock.

  /// Half-width of what is kept, in units of `N / l_k` bins (2 = the main lobe). 16 errs by 6e-5
  /// of the RMS, 32 by 1e-5.
  private static let lobes = 24

  /// The kept part of one kernel, `√l_k conj(G_k) / N`.
  private struct Kernel {
    /// Spectral bin of the first value; may be negative for few bins per octave.
    var first: Int
    /// Where its values start in `real` and `imaginary`.
    var offset: Int
    var count: Int
  }

  /// Frames in a block.
  let frames: Int
  /// Frames that a kernel reaches to either side.
  let reachFrames: Int
  private let hopLength: Int
  private let kernels: [Kernel]
  private let real: [Float]
  private let imaginary: [Float]
  /// Mirrored bins kept below 0 and above the Nyquist frequency.
  private let overhang: Int
  private let forward: RealTransform
  private let inverse: InverseTransforms
  private let pool = Mutex<[Workspace]>([])

  init(_ config: ConstantQ.Config, sampleRate: Int, hopLength: Int, frames: Int) {
    let length = frames * hopLength
    (self.frames, self.hopLength) = (frames, hopLength)
    let shapes = (0..<config.bins).map {
      KernelShape(config, bin: $0, sampleRate: sampleRate, blockLength: length)
    }
    reachFrames = ConstantQKernels.reach(shapes[0].length, hopLength: hopLength)
    var (kernels, real, imaginary) = ([Kernel](), [Float](), [Float]())
    for shape in shapes {
      let bins = shape.bins(lobes: ConstantQKernels.lobes)
      kernels.append(Kernel(first: bins.lowerBound, offset: real.count, count: bins.count))
      shape.append(bins, real: &real, imaginary: &imaginary)
    }
    let below = -(kernels.map(\.first).min() ?? 0)
    let above = (kernels.map { $0.first + $0.count }.max() ?? 0) - length / 2
    overhang = AlignedFloats.rounded(max(below, above, 0))
    (self.kernels, self.real, self.imaginary) = (kernels, real, imaginary)
    forward = RealTransform(
      length: length, separation: AlignedFloats.rounded(length / 2 + 1) + 2 * overhang)
    inverse = InverseTransforms(length: frames, count: config.bins)
  }

  private static func reach(_ longest: Int, hopLength: Int) -> Int {
    ((longest + 1) / 2 + hopLength - 1) / hopLength
  }
}

extension ConstantQKernels {
  /// The magnitudes of frames `firstFrame..<firstFrame + count` of a signal, `[count, bins]`.
  func transform(
    _ samples: [Float], firstFrame: Int, count: Int, into output: UnsafeMutableBufferPointer<Float>
  ) {
    let workspace = pool.withLock { $0.popLast() } ?? Workspace(self)
    load(samples, firstFrame: firstFrame, into: workspace.samples)
    let spectrum = workspace.spectrum.base + overhang
    forward(workspace.samples.base, into: spectrum)
    mirror(spectrum)
    fold(spectrum, into: workspace.folded)
    inverse(workspace.folded.base)
    writeMagnitudes(workspace.folded.base, count: count, into: output)
    pool.withLock { $0.append(workspace) }
  }

  private struct Workspace: @unchecked Sendable {
    let samples, spectrum, folded: AlignedFloats

    init(_ kernels: ConstantQKernels) {
      samples = AlignedFloats(kernels.forward.length)
      spectrum = AlignedFloats(2 * kernels.forward.separation)
      folded = AlignedFloats(2 * kernels.inverse.separation)
    }
  }

  /// Sample 0 of the block is the centre of `firstFrame`; what comes before it goes to the end,
  /// where the circular transform looks for it.
  private func load(_ samples: [Float], firstFrame: Int, into block: AlignedFloats) {
    let start = firstFrame * hopLength
    let before = min(start, reachFrames * hopLength)
    let ahead = min(samples.count - start, block.count - reachFrames * hopLength)
    block.clear()
    samples.withUnsafeBufferPointer { x in
      guard let x = x.baseAddress else { return }
      block.base.update(from: x + start, count: ahead)
      (block.base + block.count - before).update(from: x + start - before, count: before)
    }
  }

  /// Fills the bins outside `0...N / 2` by `X[-ν] = conj(X[ν])`.
  private func mirror(_ real: UnsafeMutablePointer<Float>) {
    let imaginary = real + forward.separation
    let top = forward.length / 2
    // With an odd length the bin above the last one is the mirror of the last one itself.
    let shift = forward.length % 2
    for i in 0..<overhang {
      (real[-1 - i], imaginary[-1 - i]) = (real[1 + i], -imaginary[1 + i])
      let source = top - 1 - i + shift
      (real[top + 1 + i], imaginary[top + 1 + i]) = (real[source], -imaginary[source])
    }
  }

  private func fold(_ spectrum: UnsafeMutablePointer<Float>, into folded: AlignedFloats) {
    folded.clear()
    real.withUnsafeBufferPointer { real in
      imaginary.withUnsafeBufferPointer { imaginary in
        for (k, kernel) in kernels.enumerated() {
          var done = 0
          while done < kernel.count {
            let bin = kernel.first + done
            let target = ((bin % frames) + frames) % frames
            let run = min(kernel.count - done, frames - target)
            let place = k * frames + target
            multiply(
              spectrum + bin, real.baseAddress! + kernel.offset + done,
              imaginary.baseAddress! + kernel.offset + done, count: run,
              addingTo: folded.base + place)
            done += run
          }
        }
      }
    }
  }

  /// `target += x · g` for `count` complex numbers with their parts apart.
  private func multiply(
    _ x: UnsafePointer<Float>, _ gReal: UnsafePointer<Float>, _ gImaginary: UnsafePointer<Float>,
    count: Int, addingTo target: UnsafeMutablePointer<Float>
  ) {
    let xImaginary = x + forward.separation
    let targetImaginary = target + inverse.separation
    for i in 0..<count {
      let (a, b, c, d) = (x[i], xImaginary[i], gReal[i], gImaginary[i])
      target[i] += a * c - b * d
      targetImaginary[i] += a * d + b * c
    }
  }

  private func writeMagnitudes(
    _ real: UnsafePointer<Float>, count: Int, into output: UnsafeMutableBufferPointer<Float>
  ) {
    let imaginary = real + inverse.separation
    for k in 0..<kernels.count {
      for m in 0..<count {
        let (a, b) = (real[k * frames + m], imaginary[k * frames + m])
        output[m * kernels.count + k] = (a * a + b * b).squareRoot()
      }
    }
  }
}

extension ConstantQKernels {
  /// The kernels of the last few block lengths.
  final class Cache: Sendable {
    private static let capacity = 4
    private let config: ConstantQ.Config
    private let sampleRate: Int
    private let hopLength: Int
    private let recent = Mutex<[ConstantQKernels]>([])

    init(_ config: ConstantQ.Config, sampleRate: Int, hopLength: Int) {
      (self.config, self.sampleRate, self.hopLength) = (config, sampleRate, hopLength)
    }

    /// Kernels for a whole signal if it is short enough, else for blocks of it.
    func fitting(samples: Int, frames: Int) -> ConstantQKernels {
      let longest = Int((config.quality * Double(sampleRate) / config.lowestFrequency).rounded(.up))
      let reach = ConstantQKernels.reach(longest, hopLength: hopLength)
      let longestBlock = Cache.roundUp(max(1024, 8 * reach))

      return kernels(frames: min(Cache.roundUp(frames + reach), longestBlock))
    }

    private func kernels(frames: Int) -> ConstantQKernels {
      recent.withLock { recent in
        if let index = recent.firstIndex(where: { $0.frames == frames }) {
          recent.append(recent.remove(at: index))
        } else {
          recent.append(
            ConstantQKernels(config, sampleRate: sampleRate, hopLength: hopLength, frames: frames))
          if recent.count > Cache.capacity { recent.removeFirst() }
        }
        return recent[recent.count - 1]
      }
    }

    /// The next of 8, 9, 10, 12, 14, 15 times a power of two: few lengths, all quick to transform.
    private static func roundUp(_ count: Int) -> Int {
      var power = 1
      while true {
        for factor in [8, 9, 10, 12, 14, 15] where factor * power >= count { return factor * power }
        power *= 2
      }
    }
  }
}
