import Synchronization

extension ConstantQKernels {
  /// A cache of the kernels for the last few block lengths.
  final class Cache: Sendable {
    private static let capacity = 4
    private let config: ConstantQ.Config
    private let sampleRate: Int
    private let hopLength: Int
    private let recent = Mutex<[ConstantQKernels]>([])
    /// The reach of the longest kernel to either side, frames.
    let reachFrames: Int
    /// The number of frames of a block of a long signal.
    let longestBlock: Int

    init(_ config: ConstantQ.Config, sampleRate: Int, hopLength: Int) {
      (self.config, self.sampleRate, self.hopLength) = (config, sampleRate, hopLength)
      reachFrames = ConstantQKernels.reach(config, sampleRate: sampleRate, hopLength: hopLength)
      longestBlock = Cache.roundUp(max(1024, 8 * reachFrames))
    }

    /// The kernels for a whole signal if it is short enough, else for blocks of it.
    func fitting(frames: Int) -> ConstantQKernels {
      kernels(frames: min(Cache.roundUp(frames + reachFrames), longestBlock))
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

    /// The next of 8, 9, 10, 12, 14, 15 times a power of two. There are few such lengths, and all
    /// have a fast transform.
    private static func roundUp(_ count: Int) -> Int {
      var power = 1
      while true {
        for factor in [8, 9, 10, 12, 14, 15] where factor * power >= count { return factor * power }
        power *= 2
      }
    }
  }
}
