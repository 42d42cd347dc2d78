import Foundation
import Pretrain
import Train

/// What a run's folder shows: settings, losses and, of a codec, measures and sounds.
public struct RunReport {
  /// What a codec reconstructs at one of its checkpoints.
  public struct Checkpoint: Sendable, Equatable {
    /// Updates made.
    public var step: Int
    /// The measures of the excerpts.
    public var measures: CodecMeasures

    /// The measures of a step.
    public init(step: Int, measures: CodecMeasures) {
      (self.step, self.measures) = (step, measures)
    }
  }

  /// The sounds of a codec, with a picture of each.
  public struct Sounds: Codable, Sendable, Equatable {
    /// Where the sounds are, relative to the page: `samples/step-400`.
    public var folder: String
    /// The excerpts.
    public var samples: CodecSamples
    /// An SVG picture of each sound, by the name of its file.
    public var pictures: [String: String]

    /// Sounds in a folder.
    public init(folder: String, samples: CodecSamples, pictures: [String: String]) {
      (self.folder, self.samples, self.pictures) = (folder, samples, pictures)
    }
  }

  /// The run.
  public var run: RunSummary
  /// The processes that worked on it, in order.
  public var work: [RunInformation.Work]
  /// The measures of a codec at each step that has any.
  public var checkpoints: [Checkpoint]
  /// The latest sounds of a codec; nil of other models.
  public var sounds: Sounds?

  /// A report of any content.
  public init(
    run: RunSummary, work: [RunInformation.Work], checkpoints: [Checkpoint] = [],
    sounds: Sounds? = nil
  ) {
    (self.run, self.work, self.checkpoints, self.sounds) = (run, work, checkpoints, sounds)
  }

  /// The page: HTML that needs nothing but itself and, to play them, the sounds.
  public var html: String { RunPage(report: self).markup.source }
}
