import Foundation
import Tensor
import Testing

@Suite struct CPULimitTests {
  @Test func anErrorNamesTheRemedy() {
    let error = CPULimitError(setting: "ETUDE_MAX_CPU=avx3", known: ["avx2", "sse2"])
    #expect(
      "\(error)" == "ETUDE_MAX_CPU=avx3: no such CPU; set it to avx2 or sse2, or unset it")
  }

  /// Holds for every value under which these tests run (`scripts/test-masked-cpu`).
  @Test func aLimitHidesFeatures() throws {
    try CPULimit.check()
    let value = ProcessInfo.processInfo.environment["ETUDE_MAX_CPU"] ?? ""
    #expect(CPULimit.current == (value.isEmpty ? nil : "ETUDE_MAX_CPU=\(value)"))
    let hidden = [
      "avx512": ["amx_bf16"], "avx2": ["avx512f", "avx512_bf16"],
      "sse2": ["avx2", "fma", "avx512f"],
    ]
    let machine = Machine.current
    for feature in hidden[value] ?? [] { #expect(!machine.features.contains(feature)) }
    #expect(machine.warnings.contains { $0.hasPrefix("ETUDE_MAX_CPU=") } == !value.isEmpty)
  }
}
