import Models

/// Where the crops of a recipe may lie, and how many make a batch.
struct CropGrid: Sendable {
  /// Decides the order of files, and the places in them.
  var seed: UInt64
  /// Crops of a batch.
  var batchSize: Int
  /// Crops in a row that are of one file.
  var cropsPerFile = 1
  /// Samples of a crop.
  var samples: Int
  /// Labelled frames of a crop.
  var frames: Int
  /// Samples from one possible start to the next.
  var stride: Int
  /// Hz.
  var sampleRate: Int

  /// The sample numbers of a batch, which is counted over all steps.
  func samples(ofBatch number: Int) -> Range<Int> {
    number * batchSize..<(number + 1) * batchSize
  }
}

extension Recipe {
  /// Crops start on the encoder's frames.
  var grid: CropGrid {
    CropGrid(
      seed: UInt64(seed), batchSize: training.batchSize, cropsPerFile: data.cropsPerFile,
      samples: cropSamples, frames: cropFrames, stride: chosenEncoder.stride, sampleRate: sampleRate
    )
  }
}
