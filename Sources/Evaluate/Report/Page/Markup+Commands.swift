extension Markup {
  /// Command lines to copy; nothing if there are none.
  static func commands(_ lines: [String]) -> Markup {
    guard !lines.isEmpty else { return .empty }
    let code = Markup(
      stringLiteral: lines.flatMap { $0.split(separator: "\n") }
        .map { String($0).escapedForHTML }.joined(separator: "\n"))
    return """
      <pre role="region" aria-label="Commands" tabindex="0"><code>\(code)</code></pre>
      """
  }
}
