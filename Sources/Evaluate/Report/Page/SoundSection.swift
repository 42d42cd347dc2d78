import Foundation
import Pretrain

/// Originals beside their reconstructions: a player and a picture of each.
struct SoundSection {
  let sounds: RunReport.Sounds

  var markup: Markup {
    """
    <section aria-labelledby="sounds">
    <h2 id="sounds">What it sounds like</h2>
    <p>\(note)</p>
    \(sounds.samples.excerpts.map(excerpt))
    </section>
    """
  }

  /// What the pictures and players are.
  var note: Markup {
    """
    Excerpts of the music that it is trained on, and what the codec makes of them. The pictures show 128 mel bands in
    decibels under the loudest. The sounds are files in <code>\(sounds.folder)</code> beside this page.
    """
  }

  private func excerpt(_ excerpt: CodecSamples.Excerpt) -> Markup {
    """
    <h3 class="run-head">\(title(excerpt))</h3>
    \(figures(excerpt))
    """
  }

  /// `piece-0001.flac, from 12.3 s`
  func title(_ excerpt: CodecSamples.Excerpt) -> String {
    "\(excerpt.source), from \(Wording.fixed(excerpt.start, 1)) s"
  }

  /// The original, and the reconstructions from the best on.
  func figures(_ excerpt: CodecSamples.Excerpt) -> Markup {
    let name = title(excerpt)
    let reconstructions = excerpt.reconstructions.reversed().map { reconstruction in
      sound(reconstruction.file, Wording.count(reconstruction.codebooks, "codebook"), of: name)
    }
    return """
      <div class="charts sounds">
      \([sound(excerpt.original, "original", of: name)] + reconstructions)
      </div>
      """
  }

  private func sound(_ file: String, _ title: String, of excerpt: String) -> Markup {
    let picture = Data((sounds.pictures[file] ?? "").utf8).base64EncodedString()
    return """
      <figure class="chart">
      <figcaption>\(title)</figcaption>
      <img src="data:image/svg+xml;base64,\(picture)" alt="log-mel spectrogram of \(excerpt), \(title)"/>
      <audio controls="controls" preload="none" aria-label="\(excerpt), \(title)" src="\(address(file))"></audio>
      </figure>
      """
  }

  /// Relative to the page.
  private func address(_ file: String) -> String {
    let path = "\(sounds.folder)/\(file)"
    return path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
  }
}
