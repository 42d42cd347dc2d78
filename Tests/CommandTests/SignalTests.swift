import Foundation
import TestSupport
import Testing

/// A signal saves a training, and ends what has nothing to save at once; the status is 75 in both cases.
@Suite(.enabled(if: BuiltCommand.isThere)) struct SignalTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// A small model that has many steps before it.
  private static let recipe = """
    extends: \(root.path)/recipes/nano/music2vec-nano.yaml
    encoder: { width: 16, feedForwardWidth: 16, heads: 2, frontEnd: { channels: [4, 4, 4, 4, 4, 4, 4] } }
    schedule: { warmupSteps: 10, decaySteps: 10 }
    training: { steps: 100000, batchSize: 1, accumulation: 4, logEvery: 1 }
    """

  private func folder() throws -> TestFolder {
    let folder = try TestFolder()
    try folder.write(Self.recipe, to: "recipe.yaml")
    let (code, errors) = try BuiltCommand.run(
      "\"$ETUDE\" synth --out '\(folder.path)/music' --minutes 0.3 --seed 1")
    #expect(code == 0, "\(errors)")
    return folder
  }

  /// Runs a command in the background, sends signals once a shell condition holds, and returns its status.
  private func run(
    _ command: String, in folder: TestFolder, until condition: String, _ signals: String
  ) throws -> (code: Int32, errors: String) {
    try BuiltCommand.run(
      """
      cd '\(folder.path)' || exit 1
      "$ETUDE" \(command) & run=$!
      until \(condition); do kill -0 $run || exit 1; sleep 0.01; done
      \(signals.replacing("RUN", with: "$run"))
      wait $run
      """)
  }

  private let pretrain = "pretrain recipe.yaml --data music --run run --threads 1"

  @Test(arguments: ["TERM", "USR1"]) func aSignalSavesATraining(signal: String) throws {
    let folder = try folder()
    let (code, errors) = try run(
      pretrain, in: folder, until: "test -s run/log.jsonl", "kill -\(signal) RUN")
    #expect(code == 75, "\(errors)")
    #expect(errors.contains("finishes this batch and saves; a second signal ends at once"))
    let last = try #require(errors.split(separator: "\n").last)
    #expect(last.hasPrefix("\(folder.path)/run: stopped at step ") || last.hasPrefix("/private"))
    #expect(
      last.hasSuffix(
        "and saved; resume it to go on from there"
      ))
    let checkpoints = try FileManager.default.contentsOfDirectory(
      atPath: folder.path("run/checkpoints"))
    #expect(checkpoints.count == 1 && checkpoints[0].hasPrefix("step-"), "\(checkpoints)")
  }

  @Test func aSecondSignalEndsAtOnce() throws {
    let folder = try folder()
    // The stopped process finds both when it goes on, in an order that the system chooses.
    let (code, errors) = try run(
      pretrain, in: folder, until: "test -s run/log.jsonl",
      "kill -STOP RUN; kill -TERM RUN; kill -USR1 RUN; kill -CONT RUN")
    #expect(code == 75, "\(errors)")
    #expect(errors.hasSuffix("ends at once; the last checkpoint is whole\n"), "\(errors)")
  }

  /// `timeout` signals the process and then its group.
  @Test func theSameSignalAgainIsOneWish() throws {
    let folder = try folder()
    let (code, errors) = try run(
      pretrain, in: folder, until: "test -s run/log.jsonl",
      "kill -TERM RUN; sleep 0.005; kill -TERM RUN 2>/dev/null")
    #expect(code == 75, "\(errors)")
    #expect(
      errors.contains("stopped at step") && !errors.contains("ends at once; the"), "\(errors)")
  }

  /// `etude probe` renders its music into a folder of its own.
  @Test func aSignalRemovesTheMusicOfProbes() throws {
    let folder = try TestFolder()
    let (code, errors) = try BuiltCommand.run(
      """
      mkdir '\(folder.path)/tmp' && export TMPDIR='\(folder.path)/tmp' || exit 1
      "$ETUDE" probe '\(Self.root.path)/recipes/probes/corpus.yaml' --threads 1 & run=$!
      until ls "$TMPDIR"/etude-*/.probe-corpus.partial/piece-0000.wav > /dev/null 2>&1; do
        kill -0 $run || exit 1; sleep 0.01
      done
      kill -TERM $run
      wait $run
      """)
    #expect(code == 75, "\(errors)")
    #expect(errors.contains("stopped\n"), "\(errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("tmp")) == [])
  }

  /// Nothing has to be saved while a teacher is fitted.
  @Test func aSignalEndsTeachingAtOnce() throws {
    let folder = try folder()
    try folder.write(
      "extends: \(Self.root.path)/recipes/nano/mert-nano.yaml\n", to: "recipe.yaml")
    let (code, errors) = try run(
      "teach recipe.yaml --data music --out labels --threads 1", in: folder,
      until: "test -e labels/.lock", "kill -TERM RUN")
    #expect(code == 75, "\(errors)")
    // Another thread may print how far it is in the moment before the end.
    #expect(errors.contains("stopped; what is finished lies on the disk\n"), "\(errors)")
  }
}
