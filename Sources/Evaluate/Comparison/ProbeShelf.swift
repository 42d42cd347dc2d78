import Files
import Foundation
import Models
import Train

/// What probings found, kept in `OUT/probes`, so that a comparison that was interrupted, or has another contender now, goes
/// on with what is there.
///
/// Each is a file named by a hash of all that its numbers depend on: the program, the music with its labels, the recipe of
/// probes, what is probed with all its weights, and the seeds. So what is there is never out of date.
struct ProbeShelf {
  private let folder: URL
  /// Of all but the model and the seeds.
  private let common: ContentHash

  init(_ folder: URL, of probes: any ComparisonProbes) throws {
    self.folder = folder
    var hash = ContentHash()
    hash.update(Data("\(RunInformation.Work.build)\0".utf8))
    hash.update(try probes.identity)
    common = hash
  }

  /// What was found of some features with some seeds: kept, or made now and kept.
  ///
  /// - Parameters:
  ///   - features: What distinguishes them from all others.
  ///   - seeds: Those of the probes.
  ///   - make: Probes them.
  /// - Throws: `FileError`; what `make` throws.
  func results(
    of features: String, _ seeds: [Int], _ make: () throws -> [ProbeResult]
  ) throws -> [ProbeResult] {
    var hash = common
    hash.update(Data("\0\(features)\0\(seeds)".utf8))
    let file = folder.appendingPathComponent("\(String(hash.value, radix: 16)).json")
    // One that is damaged, or has a score that is no number, is made anew.
    if let data = try Presence.content(of: file),
      let kept = try? JSONDecoder().decode([ProbeResult].self, from: data)
    {
      return kept
    }
    let results = try make()
    try AtomicFolder.make(folder)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try AtomicFile.write(encoder.encode(results), to: file)
    return results
  }
}

extension ProbedModel {
  /// The seeds of each model that there is: a random initialisation is another for each seed.
  func models(_ seeds: [Int]) -> [[Int]] {
    if case .untrained = self { seeds.map { [$0] } } else { [seeds] }
  }

  /// What distinguishes its features, with the first of these seeds where the weights are of seeds.
  func identity(_ seeds: [Int]) throws -> String {
    switch self {
    case .trained(let encoder): "trained \(Embedder(encoder, name: "").hash)"
    case .untrained(let start):
      "untrained \(Embedder(try start.encoder(seed: seeds[0]), name: "").hash)"
    }
  }
}
