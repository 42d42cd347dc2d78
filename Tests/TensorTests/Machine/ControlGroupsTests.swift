import Foundation
import Tensor
import TestSupport
import Testing

/// The limits of control groups, from folders that are laid out as the system's.
@Suite struct ControlGroupsTests {
  /// The limits in a folder with the given files, by their paths.
  private func limits(_ files: [String: String]) throws -> ControlGroups {
    let root = FileManager.default.temporaryDirectory
      .appendingPathComponent("etude-groups-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in files {
      let file = root.appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: false, encoding: .utf8)
    }
    return ControlGroups(root: root.path)
  }

  private static let unified =
    "22 1 0:20 / /proc rw - proc proc rw\n"
    + "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"

  /// Version 2: the least limit of the group and of all above it.
  @Test func aLimitHoldsForAllGroupsInside() throws {
    let found = try limits([
      "proc/self/cgroup": "0::/jobs/7/step\n",
      "proc/self/mountinfo": Self.unified,
      "sys/fs/cgroup/jobs/cpu.max": "max 100000\n",
      "sys/fs/cgroup/jobs/memory.max": "3000000000\n",
      "sys/fs/cgroup/jobs/7/cpu.max": "150000 100000\n",
      "sys/fs/cgroup/jobs/7/memory.max": "max\n",
      "sys/fs/cgroup/jobs/7/step/cpu.max": "400000 100000\n",
      "sys/fs/cgroup/jobs/7/step/memory.max": "4000000000\n",
      "sys/fs/cgroup/jobs/8/memory.max": "1000\n",
    ])
    #expect(found.cores == 1.5)
    #expect(found.memory == 3_000_000_000)
  }

  /// A container with a name space of its own sees its group as the root.
  @Test func theLimitsOfAContainerAreAtItsRoot() throws {
    let found = try limits([
      "proc/self/cgroup": "0::/\n", "proc/self/mountinfo": Self.unified,
      "sys/fs/cgroup/cpu.max": "50000 100000\n", "sys/fs/cgroup/memory.max": "1048576\n",
    ])
    #expect(found.cores == 0.5)
    #expect(found.memory == 1_048_576)
  }

  /// Version 1: a folder for each controller, numbers for no limit, and a container that sees the
  /// path of the whole system although its own part of it is mounted.
  @Test func versionOne() throws {
    let found = try limits([
      "proc/self/cgroup":
        "9:name=systemd:/x\n4:memory:/docker/abc/inner\n2:cpu,cpuacct:/docker/abc\n0::/\n",
      "proc/self/mountinfo":
        "36 30 0:31 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro master:9 - cgroup cgroup rw,cpu,cpuacct\n"
        + "37 30 0:32 /docker/abc /sys/fs/cgroup/memory ro master:10 - cgroup cgroup rw,memory\n"
        + "38 30 0:33 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "250000\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "sys/fs/cgroup/memory/inner/memory.limit_in_bytes": "2147483648\n",
    ])
    #expect(found.cores == 2.5)
    #expect(found.memory == 2_147_483_648)
  }

  @Test func noLimits() throws {
    let found = try limits([
      "proc/self/cgroup": "4:memory:/\n2:cpu:/\n",
      "proc/self/mountinfo":
        "36 30 0:31 / /cpu rw - cgroup cgroup rw,cpu\n37 30 0:32 / /memory rw - cgroup cgroup rw,memory\n",
      "cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n",
      "memory/memory.limit_in_bytes": "9223372036854771712\n",
    ])
    #expect(found.cores == nil && found.memory == nil)
    let nothing = try limits([:])
    #expect(nothing.cores == nil && nothing.memory == nil)
  }

  /// A group outside the mounted part, and lines that are not as they should be.
  @Test func oddLines() throws {
    let found = try limits([
      "proc/self/cgroup": "\n0\n0::/../other\n",
      "proc/self/mountinfo":
        "30 23 0:26 /mine /cg rw\n30 23 0:26 /mine /cg rw - cgroup2\n"
        + "30 23 0:26 /mine /cg rw - cgroup2 cgroup2 rw\n",
      "cg/cpu.max": "100000\n", "cg/memory.max": "4096\n", "other/memory.max": "1\n",
    ])
    #expect(found.cores == nil)
    #expect(found.memory == 4096)
  }
}
