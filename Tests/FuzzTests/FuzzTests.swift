import Fuzzing
import Testing

/// The short version of `swift run -c release fuzz`.
@Suite struct FuzzTests {
  @Test(arguments: FuzzTarget.all.map(\.name))
  func inputsAreReadOrRefused(name: String) async {
    // In a process of its own, because a hang ends it, and to see which files it leaves open.
    await #expect(processExitsWith: .success) { [name] in
      let summary = try Fuzz(FuzzTarget(named: name)!, seed: 7).run(0..<300)
      precondition(summary.read + summary.refused == 300 && summary.refused > 30, "\(summary)")
    }
  }
}
