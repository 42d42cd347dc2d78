// swift-format-ignore-file
// Written by scripts/reference from the comments in Sources; edit those.

import Settings

extension ProbeRecipe {
  /// What the `///` above each setting says.
  public static let comments: SettingComments = [
    "Evaluate.FrameFeatures.Pooling": [
      "chosen": "One or the other, as the validation part of a probe chooses: `2 D` numbers, the mean first.",
      "mean": "Their mean: `D` numbers.",
      "meanAndDeviation": "Mean and standard deviation: `2 D` numbers.",
    ],
    "Evaluate.LogisticRegression.Config": [
      "iterations": "Greatest number of steps of L-BFGS.",
      "penalties": "Strengths `λ` of the penalty, of which the validation part chooses one.",
      "tolerance": "Greatest element of the gradient at which the fit ends.",
    ],
    "Evaluate.Metric": [
      "accuracy": "Accuracy: the share of examples whose class is predicted, 0…1.",
      "weightedKey": "The weighted key score of MIREX: the mean of 1 for the right key, 0.5 for a perfect fifth above it, 0.3 for its relative and 0.2 for its parallel major or minor, and 0 for another key; 0…1. A fifth below is worth 0.",
    ],
    "Evaluate.ProbeRecipe": [
      "folds": "Number of parts that the pieces are dealt into; each is tested once.",
      "maximumExamples": "Greatest number of examples of one task.",
      "maximumPieces": "Greatest number of pieces of the corpus that are used.",
      "metrics": "How answers are scored; the score on the validation part chooses layer, pooling and penalty.",
      "pooling": "How the frames of an example become one vector.",
      "regression": "The logistic regressions.",
      "seeds": "Seeds of the repetitions; each deals the pieces into folds anew, and initialises a random model anew.",
      "tasks": "What is predicted from the features.",
    ],
    "Evaluate.ProbeRecipe.Metrics": [
      "beat": "How answers to `beat` are scored.",
      "instrument": "How answers to `instrument` are scored.",
      "key": "How answers to `key` are scored.",
      "pitch": "How answers to `pitch` are scored.",
    ],
    "Evaluate.ProbeRecipe.Task": [
      "beat": "Whether a moment is a beat or lies half-way between two.",
      "instrument": "The instrument that plays the chords in a stretch of a piece.",
      "key": "The key of a piece, one of 24.",
      "pitch": "The pitch class of a melody note, one of 12.",
    ],
  ]
}
