import Foundation

/// The limits of the control groups that this process is in (Linux, versions 1 and 2). Containers and
/// batch systems set them.
///
/// A limit of a group holds for all groups inside it, so the least on the way from the process's
/// group up to the root counts.
/// - Source: cgroups(7), and `admin-guide/cgroup-v2.rst` of Linux: `cpu.max`, `memory.max`; of
///   version 1 `cpu.cfs_quota_us` and `memory.limit_in_bytes`.
package struct ControlGroups: Sendable {
  /// Processor time per second, in cores; nil without a limit.
  package let cores: Double?
  /// Memory of all processes of the group, bytes; nil without a limit.
  package let memory: UInt64?

  /// - Parameter root: The folder that holds `proc` and the mounted groups; tests have one of their
  ///   own.
  package init(root: String = "") {
    let mounts = Self.mounts(root: root)
    func values(_ controller: String, _ read: (_ folder: String) -> Double?) -> [Double] {
      mounts.flatMap { $0.folders(controller) }.compactMap { read(root + $0) }
    }
    cores =
      values("cpu") { folder in
        Self.share(numbers(in: folder + "/cpu.max"))
          ?? Self.share(
            numbers(in: folder + "/cpu.cfs_quota_us") + numbers(in: folder + "/cpu.cfs_period_us"))
      }.min()
    memory =
      values("memory") { folder in
        numbers(in: folder + "/memory.max").first
          ?? numbers(in: folder + "/memory.limit_in_bytes").first
      }.min().map { UInt64($0) }
  }

  /// The quotient of a quota and its period; nil unless both are positive.
  private static func share(_ numbers: [Double]) -> Double? {
    guard numbers.count == 2, numbers[0] > 0, numbers[1] > 0 else { return nil }
    return numbers[0] / numbers[1]
  }

  private static func mounts(root: String) -> [Mount] {
    let groups = lines(of: root + "/proc/self/cgroup").compactMap(Membership.init)
    return lines(of: root + "/proc/self/mountinfo").compactMap { Mount($0, groups: groups) }
  }
}

/// The numbers in a file of a few words; `max` and the greatest number of version 1 stand for no
/// limit and are left out. Nothing without the file.
private func numbers(in path: String) -> [Double] {
  lines(of: path).flatMap { $0.split(separator: " ") }.compactMap { Double($0) }
    .filter { $0 < 0x1p62 }
}

private func lines(of path: String) -> [Substring] {
  ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n")
}

/// A line of `/proc/self/cgroup`, as in `4:cpu,cpuacct:/jobs/7`; in version 2 `0::/jobs/7`.
private struct Membership {
  let controllers: [Substring]
  let path: Substring

  init?(_ line: Substring) {
    let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard fields.count == 3 else { return nil }
    (controllers, path) = (fields[1].split(separator: ","), fields[2])
  }
}

/// A mounted hierarchy of groups.
private struct Mount {
  /// The controllers that are mounted here; nil for version 2, where a group's files show them.
  private let controllers: [Substring]?
  private let folder: Substring
  /// The path of the process's group below `folder`, part by part.
  private let parts: [Substring]

  /// - Parameter line: A line of `/proc/self/mountinfo`: among others the group that is mounted, the
  ///   folder, and behind ` - ` the file system, its source and its options.
  init?(_ line: Substring, groups: [Membership]) {
    let fields = line.split(separator: " ")
    guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 3 else {
      return nil
    }
    let (top, options) = (fields[3], fields[dash + 3].split(separator: ","))
    let isUnified = fields[dash + 1] == "cgroup2"
    let group = groups.first { group in
      isUnified
        ? group.controllers.isEmpty : !group.controllers.filter { options.contains($0) }.isEmpty
    }
    guard isUnified || fields[dash + 1] == "cgroup", let group else { return nil }
    controllers = isUnified ? nil : options
    folder = fields[4]
    parts = Self.parts(of: group.path, below: top)
  }

  /// In a container, a part of the hierarchy may be mounted while the path is that of the whole. A
  /// path outside that part leads nowhere, and the limits of the mounted group count.
  private static func parts(of path: Substring, below top: Substring) -> [Substring] {
    let (path, top) = (path.split(separator: "/"), top.split(separator: "/"))
    guard path.starts(with: top), !path.contains("..") else { return [] }
    return Array(path.dropFirst(top.count))
  }

  /// The folders of the process's group and of all above it, if they may limit `controller`.
  func folders(_ controller: String) -> [String] {
    guard controllers?.contains(Substring(controller)) ?? true else { return [] }
    return (0...parts.count).map { count in
      ([folder] + parts.prefix(count)).joined(separator: "/")
    }
  }
}
