import Foundation
import Optimisation
import TestSupport
import Testing
import Train

/// A run may get another length as long as its learning rates so far are those of that length.
@Suite struct RunLengthTests {
  /// 0.01 after 3 steps of warm-up; of three stages the last 2 steps fall.
  private func recipe(_ kind: Schedule.Kind, steps: Int) -> Recipe {
    var recipe = Recipe.tinyData2Vec
    recipe.schedule.kind = kind
    recipe.schedule.decaySteps = kind == .triStage ? 2 : 0
    recipe.training.steps = steps
    return recipe
  }

  @Test(arguments: [
    (Schedule.Kind.constant, 5, 8, 12), (.triStage, 6, 8, 12), (.linear, 3, 8, 12),
    (.constant, 5, 8, 6), (.triStage, 4, 8, 6), (.cosine, 2, 8, 9),
  ])
  func isAsIfItHadAlwaysHadTheLength(kind: Schedule.Kind, at step: Int, former: Int, steps: Int)
    throws
  {
    let studio = try TinyStudio()
    try studio.train(recipe(kind, steps: steps), in: "whole")
    try studio.train(recipe(kind, steps: former), in: "run", until: step)
    try studio.train(recipe(kind, steps: steps), in: "run", .resuming)
    let (a, b) = (
      try studio.checkpoint(steps, of: "whole"), try studio.checkpoint(steps, of: "run")
    )
    for (name, bytes) in a { #expect(b[name] == bytes, "\(name)") }
    #expect(
      studio.remarks.contains {
        $0.contains(
          "training.steps is \(steps) and was \(former); the learning rates so far are the same")
      })
  }

  /// A log line and a validation after a step that was the last one stay, which a line says.
  @Test(
    arguments: [
      (4, "the same, so the run equals one that had this length from the start"),
      (5, "from the start, but for the log line and validation of step 5, its last so far"),
    ] as [(Int, String)])
  func whatALongerRunWouldNotHaveIsNamed(former: Int, words: String) throws {
    let studio = try TinyStudio()
    func validated(steps: Int) -> Recipe {
      var validated = recipe(.constant, steps: steps)
      validated.training.logEvery = 2
      validated.validation = Recipe.Validation()
      (validated.validation!.share, validated.validation!.every) = (0.5, 2)
      return validated
    }
    try studio.train(validated(steps: 8), in: "whole")
    try studio.train(validated(steps: former), in: "run")
    try studio.train(validated(steps: 8), in: "run", .resuming)
    #expect(studio.remarks.contains { $0.hasSuffix(words) }, "\(studio.remarks)")
    let (a, b) = (try studio.checkpoint(8, of: "whole"), try studio.checkpoint(8, of: "run"))
    for file in ["model.safetensors", "optimizer.safetensors", "teacher.safetensors"] {
      #expect(a[file] == b[file], "\(file)")
    }
  }

  @Test(arguments: [
    (
      Schedule.Kind.linear, 5, 12,
      "changes the learning rate from step 4 on, and the run is at step 5"
    ),
    (.cosine, 6, 12, "changes the learning rate from step 4 on"),
    (.triStage, 8, 12, "changes the learning rate from step 7 on, and the run is at step 8"),
    (
      .constant, 7, 6,
      "training.steps is 6 and was 8, and the run is at step 7; choose a later step"
    ),
  ])
  func anotherRateIsRefused(kind: Schedule.Kind, at step: Int, steps: Int, words: String) throws {
    let studio = try TinyStudio()
    try studio.train(recipe(kind, steps: 8), in: "run", until: step)
    let text = complaint { try studio.train(recipe(kind, steps: steps), in: "run", .resuming) }
    #expect(text.contains("step-\(step): does not fit the run, training.steps is"), "\(text)")
    #expect(text.contains(words), "\(text)")
  }
}
