import Foundation
import TestSupport
import Testing

/// Kind: checks come where a value is used, not first. A number of an option is looked at before any work, and
/// before any file.
@Suite(.enabled(if: BuiltCommand.isThere)) struct OptionTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test func aLimitThatNamesNoCPUStopsTheCommand() throws {
    let (code, errors) = try BuiltCommand.run("ETUDE_MAX_CPU=avx3 \"$ETUDE\" info")
    #expect(code == 1 && errors.hasPrefix("Error: ETUDE_MAX_CPU=avx3: no such CPU; set it to "))
    #expect(errors.split(separator: "\n").count == 1)
    #expect(try BuiltCommand.run("ETUDE_MAX_CPU= \"$ETUDE\" info") == (0, ""))
  }

  @Test(arguments: [
    ("synth --out x --minutes nan", "--minutes: nan is not between 0.07 and 1000000"),
    ("synth --out x --minutes -3", "--minutes: -3 is not between"),
    ("synth --out x --minutes 1e300", "--minutes: 1e+300 is not between"),
    ("pretrain R --data x --run x --seed -1", "--seed: -1 is not between 0 and"),
    ("teach R --data x --out x --seed -1", "--seed: -1 is not between 0 and"),
    ("pretrain R --data x --run x --max-steps -5", "--max-steps: -5 is not between 1 and"),
    (
      "pretrain R --data x --run x --threads 1000000",
      "--threads: 1000000 is not between 1 and 1024"
    ),
    ("pretrain R --data x --run x --precision fp17", "Please provide one of 'fp32' and 'bf16'"),
    (
      "benchmark step --recipe R --batch 4611686018427387904", "--batch: 4611686018427387904 is not"
    ),
    ("benchmark step --recipe R --steps 0", "--steps: 0 is not between 1 and"),
    ("benchmark step --recipe R --warmup -1", "--warmup: -1 is not between 0 and"),
    ("benchmark kmeans x --clusters 1", "--clusters: 1 is too few"),
    ("benchmark kmeans x --batch 0", "--batch: 0 is not between 1 and"),
    ("benchmark cqt --batch 9223372036854775807", "--batch: 9223372036854775807 is not between"),
    ("benchmark mel --clip-seconds inf", "--clip-seconds: inf is not between"),
    ("benchmark mfcc --batch 60000 --clip-seconds 3600", "s of audio are more than 36000 s"),
    ("benchmark resample --from 99999999999", "--from: 99999999999 is not between"),
    ("benchmark embed --recipe R --runs 0", "--runs: 0 is not between"),
    ("benchmark codes --runs 0", "--runs: 0 is not between"),
    ("benchmark codes --seconds nan", "--seconds: nan is not between"),
    ("embed --model x y --out z.npy --batch 0", "--batch: 0 is not between"),
    ("embed --model x y --out z.npy --layers ''", "--layers : give all, or numbers as 0,4"),
    ("embed --model x y --out z.npy --layers 1,", "--layers 1,: give all, or numbers as 0,4"),
    ("marble --model mfcc --labels x.csv --out y --layers ''", "--layers : give numbers from 0"),
    ("marble --model mfcc --labels x.csv --out y --tasks GS", "--tasks GS: are those of --data"),
    ("features mel x --out y.npy --frame-rate nan", "--frame-rate: nan is not between"),
    ("features mel x --out y.npy --sample-rate 0", "--sample-rate: 0 is not between"),
    ("features plot mel x --out y.svg --start nan", "--start: nan is not between"),
    ("features plot mel x --out y.svg --duration inf", "--duration: inf is not between"),
    ("codes evaluate --model x y --out z.txt", "--out z.txt: the page is written as .html"),
    ("manifest x --out y --minimum-seconds nan", "--minimum-seconds: nan is not between"),
    // A variable without a value does not stand for the current folder.
    ("synth --out ''", "--out: the path is empty"),
    ("manifest x --out ''", "--out: the path is empty"),
    ("teach R --data '' --out x", "--data: the path is empty"),
    ("pretrain R --data x --run x --cache ''", "--cache: the path is empty"),
    ("pretrain R --data x --run x --labels ''", "--labels: the path is empty"),
    ("pretrain R --data x --run x --init ''", "--init: the path is empty"),
    ("pretrain R --data x --run x --validation ''", "--validation: the path is empty"),
    ("compare R --data x --out ''", "--out: the path is empty"),
    ("compare R --data x --out y --probe-data ''", "--probe-data: the path is empty"),
    ("probe R --data ''", "--data: the path is empty"),
    ("embed --model '' y --out z.npy", "--model: the path is empty"),
    ("marble --model mfcc --data '' --out y", "--data: the path is empty"),
  ])
  func anOptionIsRefusedFirst(line: String, words: String) throws {
    let command = line.replacing(" R ", with: " recipes/nano/mert-nano.yaml ")
    let (code, errors) = try BuiltCommand.run("\"$ETUDE\" \(command)")
    #expect(code == 64, "\(errors)")
    let first = String(errors.split(separator: "\n").first ?? "")
    #expect(first.hasPrefix("Error: ") && first.contains(words), "\(first)")
  }

  /// Whatever YAML makes of it: the recipe is read, and the music is what is missing.
  @Test(arguments: ["a: b", "#x", "null", "[x"])
  func theManifestOfValidationIsAPath(path: String) throws {
    let folder = try TestFolder()
    let (code, errors) = try BuiltCommand.run(
      "cd '\(Self.root.path)' && \"$ETUDE\" teach recipes/nano/mert-nano.yaml --data nowhere "
        + "--out '\(folder.path)/out' --validation '\(path)'")
    #expect(
      code == 1 && errors.hasSuffix("Error: nowhere: no such file; check the path\n"), "\(errors)")
  }

  /// All verbs that read a recipe refuse it alike, before they look at the data.
  @Test(arguments: [
    "plan R", "teach R --data nowhere --out O", "pretrain R --data nowhere --run O",
    "benchmark step --recipe R", "compare R --data nowhere --out O",
  ])
  func everyVerbRefusesARecipeAlike(verb: String) throws {
    let line =
      verb.replacing("R", with: "recipes/nano/mert-nano.yaml")
      .replacing("O", with: FileManager.default.temporaryDirectory.path + "/etude-\(UUID())")
    let (code, errors) = try BuiltCommand.run(
      "cd '\(Self.root.path)' && \"$ETUDE\" \(line) --set mask.probability=7")
    #expect(code == 1)
    // A warning about this machine may stand before it.
    #expect(
      errors.split(separator: "\n").last
        == "Error: --set mask.probability: 7 is not between 0 and 1",
      "\(errors)")
  }
}
