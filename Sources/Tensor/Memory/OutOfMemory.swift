import Foundation

/// Memory that a process asks for and cannot have: how much, how much it holds, and the limit.
struct OutOfMemory: CustomStringConvertible {
  /// Bytes asked for at once.
  let asked: Int

  /// Whether `byteCount` bytes more fit the machine, its swap included, and the control group. Beyond
  /// that, the system would end the process without a word.
  static func fits(_ byteCount: Int) -> Bool {
    let usable = UsableMemory(
      machine: ProcessInfo.processInfo.physicalMemory, controlGroup: ControlGroups().memory,
      addresses: nil)
    return ProcessMemory.resident + byteCount <= Int(usable.bytes) + ProcessMemory.swap
  }

  /// One line with all three.
  var description: String {
    "out of memory: tensors ask for \(mebibytes(asked)), the process holds "
      + "\(mebibytes(ProcessMemory.resident)); the limit is \(limit)"
  }

  private var limit: String {
    if let limit = ProcessMemory.addressLimit, ProcessMemory.addresses + asked > Int(limit) {
      return "that of addresses (ulimit -v), \(mebibytes(Int(limit))), "
        + "of which \(mebibytes(ProcessMemory.addresses)) are mapped"
    }
    return Self.fits(asked)
      ? "that of the whole system (vm.overcommit_memory)" : UsableMemory.current.description
  }

  private func mebibytes(_ count: Int) -> String { "\(count >> 20) MiB" }
}
