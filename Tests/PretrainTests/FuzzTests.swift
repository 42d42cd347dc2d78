import Fuzzing
import Testing

/// The short version of `swift run -c release fuzz`.
@Suite struct FuzzTests {
  @Test(arguments: FuzzTarget.allCases)
  func damagedInputsAreErrors(target: FuzzTarget) async {
    // In a process of its own, because a hang ends it, and to see which files it leaves open.
    switch target {
    case .decode: await #expect(processExitsWith: .success) { try run(.decode) }
    case .manifest: await #expect(processExitsWith: .success) { try run(.manifest) }
    case .store: await #expect(processExitsWith: .success) { try run(.store) }
    case .features: await #expect(processExitsWith: .success) { try run(.features) }
    }
  }
}

private func run(_ target: FuzzTarget) throws {
  let summary = try Fuzz(target, seed: 7).run(0..<300)
  precondition(summary.read + summary.refused == 300 && summary.refused > 50, "\(summary)")
}
