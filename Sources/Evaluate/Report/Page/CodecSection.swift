import Pretrain

/// What the codecs that gave labels keep of the music.
struct CodecSection {
  let report: ComparisonReport

  static let title = "What the codecs keep of the music"

  /// `nano-24khz, whose codes mert-rvq learned`
  static func title(_ codec: TeachingCodec, of runs: [String]) -> String {
    "\(codec.name), whose codes \(Wording.list(runs)) learned"
  }

  /// Nil if no run's labels are those of a codec that was trained for it.
  var section: PageSection? {
    let codecs = report.codecs
    guard !codecs.isEmpty else { return nil }
    return PageSection(
      id: "codecs", title: Self.title, body: "\(codecs.map { part($0.codec, of: $0.runs) })")
  }

  private func part(_ codec: TeachingCodec, of runs: [Int]) -> Markup {
    """
    <h3 class="run-head">\(Self.title(codec, of: runs.map { report.runs[$0].name }))</h3>
    \(CodecTable(codec.measures).markup)
    \(codec.sounds.map(figures) ?? .empty)
    """
  }

  private func figures(_ sounds: RunReport.Sounds) -> Markup {
    let section = SoundSection(sounds: sounds)
    let excerpts = sounds.samples.excerpts.map { excerpt -> Markup in
      """
      <p class="small soft">\(section.title(excerpt))</p>
      \(section.figures(excerpt))
      """
    }
    return """
      <p>\(section.note)</p>
      \(excerpts)
      """
  }
}
