import Files
import Foundation
import Tensor

/// A `.pt` file of fairseq: HuBERT, MERT or data2vec audio, with its settings and heads.
struct FairseqCheckpoint {
  let config: AudioEncoder.Config
  /// By the names of `transformers`.
  let weights: Weights
  let heads: FairseqHeads

  /// - Throws: `ModelError.file`.
  init(contentsOf url: URL) throws {
    let file = try TorchFile(contentsOf: url)
    do {
      let settings = try FairseqSettings(file.root)
      config = try settings.encoderConfig()
      guard let model = file.root["model"] else {
        throw ModelError.tensors("holds no 'model'; is it a checkpoint of fairseq?")
      }
      var weights = try Weights(model, of: file, at: url, except: FairseqNames.isHead)
        .renamed(FairseqNames.foreignName)
      weights.leftOut = model.keys.filter {
        FairseqNames.isHead($0) && !FairseqHeads.reads($0)
      }.sorted()
      self.weights = weights
      heads = FairseqHeads(
        isData2Vec: settings.isData2Vec, labels: settings.labels(file.root),
        weights: try Weights(model, of: file, at: url, except: { !FairseqHeads.reads($0) }))
    } catch ModelError.setting(let name, let problem) {
      throw ModelError.file(url.path, problem: "\(name): \(problem)")
    } catch ModelError.tensors(let problem) {
      throw ModelError.file(url.path, problem: problem)
    }
  }
}
