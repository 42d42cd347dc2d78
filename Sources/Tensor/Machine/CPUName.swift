import Foundation

/// The name of the CPU.
package enum CPUName {
  /// That of this machine; `unknown` if the system does not reveal it.
  static var current: String {
    #if canImport(Darwin)
      return brand ?? "unknown"
    #else
      let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      return name(in: text ?? "") ?? "unknown"
    #endif
  }

  #if canImport(Darwin)
    private static var brand: String? {
      var size = 0
      guard sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0) == 0 else { return nil }
      var bytes = [UInt8](repeating: 0, count: size)
      guard sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0) == 0 else { return nil }
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  #endif

  /// The name in the text of `/proc/cpuinfo`: that of x86, or on ARM the core's, from its part number.
  /// Fast and slow cores of a machine are both named.
  package static func name(in text: String) -> String? {
    let fields = text.split(separator: "\n").map { $0.split(separator: ":", maxSplits: 1) }
    func values(_ key: String) -> [String] {
      fields.filter { $0.count == 2 && $0[0].trimmingCharacters(in: .whitespaces) == key }
        .map { $0[1].trimmingCharacters(in: .whitespaces) }
    }
    if let model = values("model name").first { return model }
    let parts = zip(values("CPU implementer"), values("CPU part")).map(core)
    let names = parts.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return names.isEmpty ? nil : names.joined(separator: ", ")
  }

  private static func core(implementer: String, part: String) -> String {
    cores["\(implementer) \(part)"] ?? "ARM core (implementer \(implementer), part \(part))"
  }

  /// Part numbers of ARM cores in servers and small computers.
  /// - Source: `arch/arm64/include/asm/cputype.h` of Linux.
  private static let cores = [
    "0x41 0xd03": "Cortex-A53", "0x41 0xd05": "Cortex-A55", "0x41 0xd07": "Cortex-A57",
    "0x41 0xd08": "Cortex-A72", "0x41 0xd0b": "Cortex-A76", "0x41 0xd0c": "Neoverse N1",
    "0x41 0xd40": "Neoverse V1", "0x41 0xd41": "Cortex-A78", "0x41 0xd44": "Cortex-X1",
    "0x41 0xd49": "Neoverse N2", "0x41 0xd4f": "Neoverse V2", "0x41 0xd84": "Neoverse V3",
    "0x41 0xd8e": "Neoverse N3", "0xc0 0xac3": "Ampere-1", "0xc0 0xac4": "Ampere-1A",
  ]
}
