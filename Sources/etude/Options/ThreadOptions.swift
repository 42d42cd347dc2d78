import ArgumentParser
import Cluster
import Tensor

/// Options that every verb with heavy work has.
struct ThreadOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "The number of threads; the cores that the process may use unless given.")
  var threads: Int?

  func validate() throws {
    try require("--threads", threads, in: 1...1_024)
  }

  /// Sets the number of threads; call before any other work.
  func apply() {
    if let threads { Cores.count = threads }
  }

  /// Sets that of one of several ranks on a host. They share its cores, unless each is bound to some.
  func apply(on host: HostPlace) {
    apply()
    guard threads == nil, host.size > 1 else { return }
    let cores = UsableCores.current
    if cores.limit != .affinity { Cores.count = max(1, cores.count / host.size) }
  }
}
