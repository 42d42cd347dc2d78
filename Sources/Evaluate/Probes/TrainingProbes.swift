import Audio
import Corpus
import Models
import Settings
import Tensor
import Train

/// Probes of a model while it is trained: the course of what its layers hold, over the steps.
///
/// ```swift
/// let job = try TrainingJob(recipe, data: scan, scratch: folder, probe: TrainingProbes.ofBuiltInMusic()) { _ in }
/// ```
public enum TrainingProbes {
  /// Probes of instrument, pitch and beat on a few pieces of the built-in music, by accuracy: three folds dealt once, so
  /// the scores of one run can be compared with each other, and a comparison's with many seeds are sharper.
  ///
  /// The pieces are those of the seed that no example trains on. They are composed at the first probe and kept in
  /// memory, 0.8 MB each.
  public static func ofBuiltInMusic() -> TrainingProbe {
    var pieces: [CorpusPiece] = []
    return { encoder, settings in
      if pieces.count != settings.pieces {
        pieces = Cores.map(settings.pieces) {
          CorpusPiece(index: $0, seed: BuiltInPieces().seed)
        }
      }
      let rows = try probing(of: pieces).rows(of: .pretrained(encoder, name: "the model"))
      return Dictionary(uniqueKeysWithValues: rows.map { ($0.task, $0.scores[0]) })
    }
  }

  private static func probing(of pieces: [CorpusPiece]) throws -> Probing {
    var recipe = ProbeRecipe()
    (recipe.tasks, recipe.seeds, recipe.folds) = ([.instrument, .pitch, .beat], [1], 3)
    recipe.maximumExamples = 600
    let labels = pieces.map(\.labels)
    return try Probing(
      recipe,
      tasks: recipe.tasks.map {
        recipe.task($0).examples(in: labels, maximum: recipe.maximumExamples)
      },
      pieces: pieces.count, name: { Corpus.fileName($0) },
      samples: { piece, rate in
        Resampler.soxr.resample(pieces[piece].samples, from: Corpus.sampleRate, to: rate)
      })
  }
}
