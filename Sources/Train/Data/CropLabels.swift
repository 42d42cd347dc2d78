import Tensor

/// The labels of a collection, read for one crop at a time.
///
/// Safe to use from several threads.
public protocol CropLabels: Sendable {
  /// The number of frames of a file that have a label.
  func frames(of file: Int) -> Int

  /// The codes of a crop: for every label set one for each frame.
  ///
  /// A teacher whose last window does not fit any more makes a code less than the encoder frames: behind the last
  /// label it is repeated.
  /// - Throws: `LabelError` if a store cannot be read, or is damaged there.
  func codes(of file: Int, frames: Range<Int>) throws -> [[Int32]]
}

/// Labels that are held in memory.
public struct LabelsInMemory: CropLabels {
  private let codes: [[[Int32]]]

  /// - Parameter codes: For every file and label set the codes of its frames, as many in each set.
  public init(_ codes: [[[Int32]]]) { self.codes = codes }

  /// As many as the first label set has.
  public func frames(of file: Int) -> Int { codes[file][0].count }

  /// The codes of a crop.
  public func codes(of file: Int, frames: Range<Int>) -> [[Int32]] {
    codes[file].map { all in frames.map { all[min($0, all.count - 1)] } }
  }
}
