import Foundation
import TestSupport
import Testing

/// What `etude plan --json` counts.
@Suite(.enabled(if: BuiltCommand.isThere)) struct PlanTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private struct Plan: Decodable {
    var encoder_parameters: Int
    var parameters: Int
  }

  /// The published numbers, the vector of masked frames, which every encoder has here, and the heads.
  @Test(arguments: [
    ("musicfm", 316_343_296 + 1024, 4_198_400), ("mert-v2", 632_295_808 + 1024, 4_198_400),
  ])
  func theParametersOfAPublishedSize(name: String, encoder: Int, heads: Int) throws {
    let folder = try TestFolder()
    let recipe = Self.root.appendingPathComponent("recipes/rq/\(name).yaml").path
    let line = "\"$ETUDE\" plan '\(recipe)' --json > '\(folder.path("plan.json"))'"
    #expect(try BuiltCommand.run(line).code == 0)
    let plan = try JSONDecoder().decode(
      Plan.self, from: Data(contentsOf: URL(fileURLWithPath: folder.path("plan.json"))))
    #expect(plan.encoder_parameters == encoder)
    #expect(plan.parameters == encoder + heads)
  }
}
