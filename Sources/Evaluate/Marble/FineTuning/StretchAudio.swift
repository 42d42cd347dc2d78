import Audio
import Models
import Tensor

/// The audio of some items, which is read from their files when it is needed.
struct StretchAudio: Sendable {
  private let clips: [AudioClip]
  /// What is true of each item.
  let truth: [Truth]
  /// How many stretches each item has, at least one.
  let stretches: [Int]
  private let excerpts: Excerpts
  private let embedder: Embedder

  /// The items of each part whose audio can be used, and why the others cannot, by their numbers. Every file is read
  /// once.
  static func parts(
    of dataset: LabelledDataset, _ excerpts: Excerpts, for embedder: Embedder
  ) throws -> (parts: [Split: StretchAudio], leftOut: [Int: String]) {
    let clips = dataset.items.map { AudioClip(path: $0.path, time: $0.time) }
    let counts = Cores.map(clips.count) { item in
      Result { () throws(AudioError) in
        let waveforms = try embedder.waveforms(of: clips[item], excerpts)
        try embedder.check(waveforms, clips[item].path)
        return waveforms.count
      }
    }
    var leftOut: [Int: String] = [:]
    for case (let item, .failure(let error)) in counts.enumerated() {
      leftOut[item] = error.reason
    }
    let parts = Split.allCases.map { split in
      let items = clips.indices.filter {
        dataset.items[$0].split == split && leftOut[$0] == nil
      }
      let audio = StretchAudio(
        clips: items.map { clips[$0] }, truth: items.map { dataset.items[$0].truth },
        stretches: items.map { (try? counts[$0].get()) ?? 0 }, excerpts: excerpts,
        embedder: embedder)
      return (split, audio)
    }
    return (Dictionary(uniqueKeysWithValues: parts), leftOut)
  }

  /// The path of each item, and how many stretches it has.
  var lengths: [(path: String, stretches: Int)] {
    zip(clips, stretches).map { ($0.path, $1) }
  }

  /// How many items there are.
  var count: Int { clips.count }

  /// What the model gets of each stretch of an item.
  func waveforms(of item: Int) throws -> [[Float]] {
    try embedder.waveforms(of: clips[item], excerpts)
  }
}

extension Embedder {
  /// That each waveform has a frame.
  fileprivate func check(_ waveforms: [[Float]], _ path: String) throws(AudioError) {
    guard let encoder,
      waveforms.contains(where: { encoder.config.frameCount(samples: $0.count) < 1 })
    else { return }
    throw .inconsistent(path: path, reason: "is too short for one frame")
  }
}
