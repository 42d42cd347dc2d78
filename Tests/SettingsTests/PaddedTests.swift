import Settings
import Testing

@Suite struct PaddedTests {
  /// By characters, as a reader counts them; none is cut.
  @Test(arguments: [
    ("ab", "ab  "), ("U\u{308}bung", "U\u{308}bung"), ("e\u{301}", "e\u{301}   "),
    ("🎹", "🎹   "), ("longer", "longer"),
  ])
  func aTextIsFilledUp(text: String, padded: String) {
    #expect(text.padded(to: 4) == padded)
  }
}
