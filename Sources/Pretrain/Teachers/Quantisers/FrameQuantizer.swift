import Models
import Tensor

/// Assigns codes to frames of features: a teacher of labels, and the target of a head.
///
/// Its numbers, projections, codebooks and statistics alike, are its `state`, which a file keeps. No seed is
/// needed to compute the same codes again.
public protocol FrameQuantizer: Module {
  /// The name of this kind in a file.
  static var kind: String { get }
  /// How many codes each of its codebooks has.
  var codebookSizes: [Int] { get }
  /// Channels of a frame, `D`.
  var width: Int { get }

  /// The code of each frame in each codebook. No gradient.
  ///
  /// - Parameter frames: `[N, D]`, float32, as a front end computes them.
  /// - Returns: int32, `[N, codebooks]`.
  /// - Traps when: the frames have another width.
  func codes(of frames: Tensor) -> Tensor

  /// The quantiser whose state this is.
  /// - Throws: `ModelError.tensors` if tensors are missing, left over, or do not fit together.
  init(state: [String: Tensor]) throws(ModelError)
}

extension FrameQuantizer {
  func check(_ frames: Tensor) {
    precondition(
      frames.rank == 2 && frames.shape[1] == width,
      "\(Self.self): expected frames [N, \(width)], got \(frames.shape)")
  }
}

extension Tensor {
  /// Codes of one codebook each as columns: int32, `[N, codebooks]`.
  static func columns(ofCodes books: [[Int32]]) -> Tensor {
    let columns = books.map { Tensor($0, shape: [$0.count, 1]) }
    return concatenated(columns, axis: 1)
  }

  /// What `body` makes of each 512 rows of `[N, D]`, in order, on all threads.
  func mapBlocks<Result>(_ body: (_ rows: Tensor) -> Result) -> [Result] {
    let starts = Array(stride(from: 0, to: shape[0], by: 512))
    return Cores.map(starts.count) { number in
      body(sliced(axis: 0, starts[number]..<min(starts[number] + 512, shape[0])))
    }
  }
}
