import Foundation
import Tensor

/// A `.pt` file of fairseq: HuBERT, MERT or data2vec audio, with its settings.
///
/// The heads of pre-training are left out: they are what `isHead` of `FairseqNames` says.
struct FairseqCheckpoint {
  let config: AudioEncoder.Config
  /// By the names of `transformers`.
  let weights: Weights

  /// - Throws: `ModelError.file`.
  init(contentsOf url: URL) throws {
    let file = try TorchFile(contentsOf: url)
    do {
      config = try FairseqSettings(file.root).encoderConfig()
      guard let model = file.root["model"] else {
        throw ModelError.tensors("holds no 'model'; is it a checkpoint of fairseq?")
      }
      var weights = try Weights(model, of: file, at: url, except: FairseqNames.isHead)
        .renamed(FairseqNames.foreignName)
      weights.leftOut = model.keys.filter(FairseqNames.isHead).sorted()
      self.weights = weights
    } catch ModelError.setting(let name, let problem) {
      throw ModelError.file(url.path, problem: "\(name): \(problem)")
    } catch ModelError.tensors(let problem) {
      throw ModelError.file(url.path, problem: problem)
    }
  }
}
