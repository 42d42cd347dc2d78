import Audio
import Tensor

/// Which frames of a collection a teacher is fitted to.
struct FrameSample {
  /// The files to read.
  let files: [Int]
  /// One of so many frames is taken.
  let every: Int

  /// - Parameter frames: How many frames there shall be, about.
  init(of audio: any AudioSource, frameRate: Double, frames: Int) {
    let wanted = Double(max(1, frames))
    func length(_ file: Int) -> Double {
      Double(audio.samples(of: file)) / Double(audio.sampleRate) * frameRate
    }
    let all = audio.seconds * frameRate
    let stride = max(1, Int(all / (4 * wanted)))
    let order = (0..<stride).flatMap { Swift.stride(from: $0, to: audio.count, by: stride) }
    var (files, total): ([Int], Double) = ([], 0)
    for file in order where total < 4 * wanted {
      files.append(file)
      total += length(file)
    }
    self.files = files.sorted()
    every = max(1, Int((total / wanted).rounded(.up)))
  }

  /// The frames to take of the `number`-th of the files.
  func chosen(of frames: Int, number: Int) -> [Int] {
    Array(stride(from: number % every, to: frames, by: every))
  }

  /// The chosen frames in the order of the files, `[N, D]`. Files are read on all cores, one on each.
  ///
  /// - Parameters:
  ///   - workers: Who reads them.
  ///   - progress: Called with how many files are read, from 0 on, and how many these are.
  ///   - frames: The frames of a file, `[T, D]`; called on several threads at once.
  func gathered(
    by workers: any Workers, progress: ProgressHandler?, _ frames: (_ file: Int) throws -> Tensor
  ) throws -> Tensor {
    progress?(0, files.count)
    let parts = try workers.tensors(files.count, progress: progress) { number in
      let all = try frames(files[number])
      return all.gatheringRows(chosen(of: all.shape[0], number: number))
    }
    return .concatenated(parts, axis: 0)
  }
}
