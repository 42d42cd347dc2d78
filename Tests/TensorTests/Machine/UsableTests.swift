import Foundation
import Tensor
import TestSupport
import Testing

/// What of the machine a process may use.
@Suite struct UsableTests {
  @Test(arguments: [
    (8, nil, nil, 8, UsableCores.Limit.machine), (8, 8, nil, 8, .machine),
    (8, 3, nil, 3, .affinity),
    (8, 3, 1.5, 2, .quota), (8, nil, 0.1, 1, .quota), (8, 2, 16, 2, .affinity),
    (1, nil, 1, 1, .machine),
  ])
  func cores(machine: Int, affinity: Int?, quota: Double?, count: Int, limit: UsableCores.Limit) {
    let found = UsableCores(machine: machine, affinity: affinity, quota: quota)
    #expect(found.count == count && found.limit == limit)
  }

  @Test(arguments: [
    (8, nil, nil, 8, UsableMemory.Limit.machine), (8, 4, nil, 4, .controlGroup),
    (8, 16, 3, 3, .addresses), (8, 8, 9, 8, .machine),
  ])
  func memory(
    machine: UInt64, group: UInt64?, addresses: UInt64?, bytes: UInt64, limit: UsableMemory.Limit
  ) {
    let found = UsableMemory(machine: machine, controlGroup: group, addresses: addresses)
    #expect(found.bytes == bytes && found.limit == limit)
  }

  #if os(Linux)
    /// As under `taskset -c`: a process that is bound to one core starts no other thread.
    @Test func threadsByDefaultAreTheCoresOfTheProcess() async {
      await #expect(processExitsWith: .success) {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let allowed = try #require(
          status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list") })
        let first = try #require(allowed.split { !$0.isNumber }.first)
        let taskset = try Process.run(
          URL(fileURLWithPath: "/usr/bin/env"),
          arguments: ["taskset", "-a", "-p", "-c", String(first), String(getpid())])
        taskset.waitUntilExit()
        #expect(taskset.terminationStatus == 0)
        #expect(Cores.count == 1)
        #expect(UsableCores.current.count == 1)
      }
    }
  #endif

  @Test(arguments: [
    ("processor\t: 0\nmodel name\t: AMD EPYC 7B13\nmodel name\t: AMD EPYC 7B13\n", "AMD EPYC 7B13"),
    (
      "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n\nprocessor\t: 1\n"
        + "CPU implementer\t: 0x41\nCPU part\t: 0xd0c\n", "Neoverse N1"
    ),
    (
      "CPU implementer\t: 0x41\nCPU part\t: 0xd0b\nCPU implementer\t: 0x41\nCPU part\t: 0xd05\n",
      "Cortex-A76, Cortex-A55"
    ),
    (
      "CPU implementer\t: 0x48\nCPU part\t: 0xd01\n", "ARM core (implementer 0x48, part 0xd01)"
    ), ("", nil),
  ])
  func nameOfTheCPU(text: String, name: String?) {
    #expect(CPUName.name(in: text) == name)
  }
}
