import Foundation

/// What this process takes of memory and of addresses, in bytes. Zero where the system has no `/proc`.
package enum ProcessMemory {
  /// In memory now.
  package static var resident: Int { pages(1) * Int(sysconf(Int32(_SC_PAGESIZE))) }

  /// The addresses that are mapped now, whether or not memory is behind them.
  package static var addresses: Int { pages(0) * Int(sysconf(Int32(_SC_PAGESIZE))) }

  /// The addresses that a training step needs beyond its memory: what is mapped now without memory
  /// behind it, and a buffer of OpenBLAS for each thread and one more. OpenBLAS waits forever for a
  /// buffer that a limit (`ulimit -v`) denies.
  package static var addressesBesideTensors: Int {
    max(0, addresses - resident) + productBuffers
  }

  /// The buffers of OpenBLAS, of 128 MiB each.
  private static var productBuffers: Int { (Cores.count + 1) << 27 }

  /// Looks once, before the first product, whether there is room for buffers: OpenBLAS would wait for it for ever, and
  /// oneDNN would end the process without a word.
  static let roomForProducts: Void = requireProductBuffers()

  /// - Traps when: a limit of addresses leaves no room for the buffers of products.
  private static func requireProductBuffers() {
    guard let limit = addressLimit, addresses + productBuffers > Int(clamping: limit) else {
      return
    }
    preconditionFailure(OutOfMemory(asked: productBuffers).description)
  }

  /// A number of `/proc/self/statm`, in pages.
  private static func pages(_ field: Int) -> Int {
    let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let fields = text?.split(separator: " ") ?? []
    return field < fields.count ? Int(fields[field]) ?? 0 : 0
  }

  /// The machine's swap space.
  package static var swap: Int {
    let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("SwapTotal:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
  }

  /// The bytes of addresses that the process may map; nil without a limit, and on systems that do
  /// not enforce one.
  package static var addressLimit: UInt64? {
    #if os(Linux)
      var limit = rlimit()
      guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
      return limit.rlim_cur < rlim_t.max ? UInt64(limit.rlim_cur) : nil
    #else
      return nil
    #endif
  }
}
