import Foundation
import Models
import Tensor
import TestSupport
import Testing
import Train

/// What a line of the log holds of the steps since the last one.
@Suite struct LogMeansTests {
  private func recipe(logEvery: Int) -> Recipe {
    var recipe = Recipe.tinyHuBERT
    recipe.training.logEvery = logEvery
    return recipe
  }

  /// The mean of some numbers, with a sum in `Double`.
  private func mean(_ numbers: [Float]) -> Float {
    Float(numbers.reduce(0) { $0 + Double($1) } / Double(numbers.count))
  }

  @Test func aLineHoldsTheMeansOfItsSteps() throws {
    let studio = try TinyStudio()
    try studio.train(recipe(logEvery: 1), in: "fine")
    try studio.train(recipe(logEvery: 4), in: "coarse", labels: "fine")
    let (fine, coarse) = (try studio.log(of: "fine"), try studio.log(of: "coarse"))
    #expect(coarse.map(\.step) == [1, 4, 6])
    for (line, steps) in zip(coarse, [fine[0..<1], fine[1..<4], fine[4..<6]]) {
      #expect(line.loss == mean(steps.map(\.loss)))
      #expect(line.gradientNorm == mean(steps.map(\.gradientNorm)))
      #expect(line.learningRate == steps.last!.learningRate)
      #expect(line.terms.keys == steps.first!.terms.keys)
      for (name, value) in line.terms { #expect(value == mean(steps.map { $0.terms[name]! })) }
    }
    #expect(Set(fine.map(\.loss)).count == 6, "steps that are alike show nothing")
  }

  /// Six steps of two crops of 0.64 s. Files of 1.3, 2.2, 1.7 and 0.9 s have eight whole crops.
  @Test func aLineShowsHowFarTheRunIs() throws {
    let studio = try TinyStudio()
    let recipe = recipe(logEvery: 4)
    try studio.train(recipe, in: "run")
    let log = try RunLog.steps(of: studio.run("run").logFile)
    #expect(log.map(\.epoch) == [0.25, 1, 1.5])
    #expect(log.map { ($0.hoursHeard! * 3600 * 100).rounded() / 100 } == [1.28, 5.12, 7.68])
    #expect(log.map(\.updatesLeftOut) == [0, 0, 0])
    for line in log {
      #expect(line.memoryBytes! > 10_000_000 && line.memoryBytes! < 100_000_000_000)
      #expect(line.shareOutsideSteps! >= 0 && line.shareOutsideSteps! < 1)
      #expect(line.isPartial == nil)
    }
  }

  /// A checkpoint between two lines keeps what the next one needs.
  @Test(arguments: [4, 2, 5])
  func stoppedBetweenTwoLines(logEvery: Int) throws {
    let studio = try TinyStudio()
    let recipe = recipe(logEvery: logEvery)
    try studio.train(recipe, in: "whole")
    try studio.train(recipe, in: "pieces", labels: "whole", until: 3)
    let early = try studio.log(of: "pieces")
    #expect(early.last!.step == 3 && early.last!.isPartial == true)
    try studio.train(recipe, in: "pieces", labels: "whole", .resuming)
    #expect(try studio.log(of: "pieces") == studio.log(of: "whole"))
    #expect(try studio.log(of: "whole").allSatisfy { $0.isPartial == nil })
  }

  /// With this seed a file so loud that the batch overflows is in some batches, and not in the third and the sixth.
  @Test func whatIsNotFiniteIsLeftOutOfAMean() throws {
    let studio = try TinyStudio()
    let start = try studio.overflowingStart(seed: 2)
    func train(_ name: String, logEvery: Int, until limit: Int? = nil, _ begin: RunStart = .new)
      throws
    {
      var recipe = start.recipe
      recipe.training.logEvery = logEvery
      try studio.train(
        recipe, in: name, begin, until: limit,
        startingAs: begin == .new ? start.beginning : StartingPoint())
    }
    try train("fine", logEvery: 1)
    try train("coarse", logEvery: 6)
    try train("pieces", logEvery: 6, until: 3)
    try train("pieces", logEvery: 6, .resuming)
    let (fine, coarse) = (try studio.log(of: "fine"), try studio.log(of: "coarse"))
    let sound = fine.filter { $0.gradientNorm.isFinite }
    #expect((1..<6).contains(sound.count), "\(fine.map(\.gradientNorm))")
    let later = sound.filter { $0.step > 1 }
    #expect(coarse.last!.gradientNorm == mean(later.map(\.gradientNorm)))
    #expect(coarse.map(\.step) == [1, 6] && coarse.last!.updatesLeftOut == 6 - sound.count)
    #expect(try studio.log(of: "pieces") == coarse)
  }

  /// A log of a version that wrote less.
  @Test func anOldLogIsRead() throws {
    let folder = try TestFolder()
    try folder.write(
      #"{"audioSecondsPerSecond":80.5,"gradientNorm":3,"learningRate":0.001,"loss":1.5,"#
        + #""secondsPerStep":0.25,"step":10,"terms":{"codes":1.25}}"# + "\n",
      to: "log.jsonl")
    let steps = try RunLog.steps(of: folder.url.appendingPathComponent("log.jsonl"))
    #expect(steps.map(\.loss) == [1.5] && steps[0].epoch == nil && steps[0].memoryBytes == nil)
  }
}
