import Evaluate
import Foundation
import Testing

/// What the page is for readers who hear it, who have a keyboard alone, or who need contrast.
@Suite struct SpokenPageTests {
  private let page = ReportSample.report.html

  @Test func theFirstLinkLeadsPastTheContents() throws {
    let main = try #require(page.range(of: #"<main id="main">"#))
    let (top, rest) = (page[..<main.lowerBound], page[main.upperBound...])
    let link = try #require(top.components(separatedBy: "<a ").dropFirst().first)
    #expect(link.hasPrefix(##"class="skip" href="#main""##))
    #expect(top.contains("<h1>") && top.contains("</nav>") && !rest.contains("<nav"))
  }

  @Test func headingsLeaveNoLevelOut() {
    for html in [page, RunReport(run: ReportSample.run("mert-nano"), work: []).html] {
      let levels = html.matches(of: /<h([1-6])/).compactMap { Int($0.1) }
      #expect(levels[0] == 1 && !levels.dropFirst().contains(1))
      #expect(zip(levels, levels.dropFirst()).allSatisfy { $1 <= $0 + 1 })
    }
  }

  /// All but those in drawings, which are described as a whole.
  @Test func signsHaveWords() {
    let text = page.replacing(/<svg.*?<\/svg>/.dotMatchesNewlines(), with: "")
    for sign in ["▲", "▼", "✓"] {
      let spoken = #"<span aria-hidden="true">\#(sign)</span><span class="spoken">"#
      #expect(text.contains(sign) && text.ranges(of: sign).count == text.ranges(of: spoken).count)
    }
  }

  /// As the best ones are marked.
  @Test func aWorseTaskIsNotMarkedByColourAlone() {
    #expect(page.contains(/<li class="worse">pitch −5.6 <span[^>]*>▼<\/span>/))
  }

  @Test func everyTableAndDrawingIsNamed() {
    let heads = page.matches(of: /<th(?: [^>]*)?>/)
    #expect(!heads.isEmpty && heads.allSatisfy { $0.output.contains("scope=") })
    #expect(page.ranges(of: "<table>").count == page.ranges(of: "<table>\n<caption>").count)
    for drawing in page.matches(of: /<svg[^>]*>/) {
      let isNamed = drawing.output.contains(#"role="img" aria-label=""#)
      #expect(isNamed || drawing.output.contains(#"aria-hidden="true""#))
    }
  }

  @Test func whatScrollsIsReachedByTheKeyboard() {
    let scrolling = page.matches(of: /<(?:div class="scroll|pre)[^>]*>/)
    #expect(scrolling.contains { $0.output.hasPrefix("<pre") })
    for part in scrolling {
      #expect(part.output.contains(#"role="region" aria-label=""#), "\(part.output)")
      #expect(part.output.contains(#"tabindex="0""#), "\(part.output)")
    }
  }

  /// A name after a number, and a layer after a score, are words by themselves.
  @Test func numbersAndNamesKeepApart() {
    #expect(page.contains(#"<span class="swatch">1</span> musichubert-nano"#))
    #expect(page.contains("</strong>\u{A0}<span class=\"layer\">layer 1</span>"))
  }

  @Test func scoresOverTheTrainingAreATableAsWell() {
    var report = ReportSample.report
    let results = report.probes.filter { $0.kind == .pretrained && $0.model == "mert-nano" }
    report.courses = [
      ProbeCourse(
        model: "mert-nano",
        points: [.init(step: 350, hoursHeard: 1.5, operations: 2e14, results: results)])
    ]
    let html = report.html
    #expect(
      html.contains(
        "<th scope=\"row\">mert-nano</th><td>350</td>\n<td>1.50</td>\n<td>200\u{A0}TFLOP</td>"))
    #expect(firstUnbalancedTag(in: html) == nil)
  }

  /// On paper nothing scrolls: cells may be narrow, and a table without end is left out with a word.
  @Test func tablesFitOnPaper() {
    #expect(page.contains(/@media screen \{\s*tbody th \{ min-width/))
    #expect(page.contains("::after { content: \"Too many columns for paper: see report.md.\""))
  }

  // MARK: - Contrast

  /// WCAG 2.2: 4.5 for text, 3 for lines, in the colours of screens in light, in dark, and of paper.
  @Test func coloursCanBeRead() throws {
    let schemes = page.matches(of: /:root \{[^}]*--card:[^}]*\}/).map { colours(of: $0.output) }
    #expect(schemes.count == 3)
    let opacity = try #require(page.firstMatch(of: /\.seed \{[^}]*opacity: \.(\d);/))
    let share = try #require(Double(opacity.1)) / 10
    for scheme in schemes {
      let card = try #require(scheme["card"])
      for (name, colour) in scheme where name.hasPrefix("c") && name.count == 2 {
        #expect(contrast(colour, card) >= 4.5, "\(name)")
        #expect(contrast(mixed(colour, share, card), card) >= 3, "\(name)")
      }
      for (text, ground) in Self.texts {
        #expect(contrast(scheme[text]!, scheme[ground]!) >= 4.5, "\(text) on \(ground)")
      }
    }
  }

  private static let texts = [
    ("ink", "page"), ("ink", "card"), ("soft", "page"), ("soft", "card"), ("soft", "good-ground"),
    ("soft", "bad-ground"), ("good", "good-ground"), ("bad", "bad-ground"),
  ]

  /// Red, green and blue, 0…1, by name; three digits stand for six.
  private func colours(of rule: Substring) -> [String: [Double]] {
    let pairs = rule.matches(of: /--([a-z0-9-]+): #([0-9a-f]+);/).map { match in
      let digits = match.2.count == 3 ? match.2.flatMap { [$0, $0] } : Array(match.2)
      let parts = stride(from: 0, to: 6, by: 2).map { place in
        Double(Int(String(digits[place..<place + 2]), radix: 16)!) / 255
      }
      return (String(match.1), parts)
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  private func mixed(_ colour: [Double], _ share: Double, _ ground: [Double]) -> [Double] {
    zip(colour, ground).map { share * $0 + (1 - share) * $1 }
  }

  private func contrast(_ one: [Double], _ other: [Double]) -> Double {
    let (a, b) = (luminance(one) + 0.05, luminance(other) + 0.05)
    return max(a, b) / min(a, b)
  }

  /// Relative luminance of sRGB.
  private func luminance(_ colour: [Double]) -> Double {
    let linear = colour.map { $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }
}
