import Foundation

/// The memory that this process holds, as Linux counts it.
enum ProcessMemory {
  /// What is resident now, bytes.
  static var resident: Int { status("VmRSS:") }

  /// The most that was resident since `begin`, bytes.
  static var peak: Int { status("VmHWM:") }

  /// Lets the peak begin again at what is resident now.
  /// - Returns: That, bytes.
  static func begin() -> Int {
    let file = open("/proc/self/clear_refs", O_WRONLY)
    write(file, "5", 1)
    close(file)
    return resident
  }

  private static func status(_ key: String) -> Int {
    let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix(key) }
    let kilobytes = line?.split { !$0.isNumber }.first.flatMap { Int($0) }
    guard let kilobytes else { fatalError("/proc/self/status does not say \(key)") }
    return kilobytes << 10
  }
}
