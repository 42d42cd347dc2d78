import Foundation
import Settings
import Testing

/// The version that programs write is the one that people cite and read about.
@Suite struct VersionTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test func theCitationNamesThisVersion() throws {
    let citation = try Self.text("CITATION.cff")
    let version = try #require(citation.firstMatch(of: /(?m)^version: (.+)$/))
    #expect(version.1 == etudeVersion)
  }

  @Test func theLatestReleaseOfTheChangelogIsThisVersion() throws {
    let changelog = try Self.text("CHANGELOG.md")
    let release = try #require(changelog.firstMatch(of: /(?m)^## \[([0-9.]+)\] - (.+)$/))
    #expect(release.1 == etudeVersion)
    let released = try #require(
      try Self.text("CITATION.cff").firstMatch(of: /(?m)^date-released: (.+)$/))
    #expect(release.2 == released.1)
  }

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: root.appending(path: name), encoding: .utf8)
  }
}
