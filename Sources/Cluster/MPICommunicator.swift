#if MPI
  import CMPI
  import Foundation

  /// The ranks of a program that an MPI launcher started.
  struct MPICommunicator: Communicator {
    let rank: Int
    let size: Int
    let host: HostPlace
    let library: String?

    /// Begins MPI.
    init() throws(ClusterError) {
      var (rank, size, hostRank, hostSize) = (Int32(0), Int32(1), Int32(0), Int32(1))
      try Self.check(etude_mpi_start(&rank, &size, &hostRank, &hostSize))
      var library = [CChar](repeating: 0, count: 256)
      var name = [CChar](repeating: 0, count: 256)
      etude_mpi_names(&library, library.count, &name, name.count)
      (self.rank, self.size) = (Int(rank), Int(size))
      self.library = Self.short(text(library))
      host = HostPlace(name: text(name), rank: Int(hostRank), size: Int(hostSize))
    }

    /// The library that is built in, known without beginning.
    static var libraryName: String {
      var library = [CChar](repeating: 0, count: 256)
      etude_mpi_library(&library, library.count)
      return short(text(library))
    }

    /// `Open MPI 4.1.4`, of `Open MPI v4.1.4, package: …` or `MPICH Version: 4.0.2 …`.
    private static func short(_ text: String) -> String {
      let line = text.split { $0 == "," || $0.isNewline }.first.map(String.init) ?? text
      return line.replacing("Version:", with: " ").replacing(" v", with: " ")
        .split { $0.isWhitespace }.joined(separator: " ")
    }

    func swap(
      _ sent: UnsafeRawBufferPointer, to: Int, _ received: UnsafeMutableRawBufferPointer, from: Int,
      _ patience: Patience
    ) throws(ClusterError) {
      try waiting(patience) {
        etude_mpi_swap(
          sent.baseAddress, sent.count, Int32(to), received.baseAddress, received.count,
          Int32(from), &$0)
      }
    }

    func gather(
      _ mine: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, _ patience: Patience
    ) throws(ClusterError) {
      try waiting(patience) { etude_mpi_gather(mine.baseAddress, all.baseAddress, mine.count, &$0) }
    }

    func broadcast(
      _ bytes: UnsafeMutableRawBufferPointer, from root: Int, _ patience: Patience
    ) throws(ClusterError) {
      try waiting(patience) {
        etude_mpi_broadcast(bytes.baseAddress, bytes.count, Int32(root), &$0)
      }
    }

    func part(within seconds: Double) -> Bool {
      (try? waiting(Patience(seconds: seconds)) { etude_mpi_part(&$0) }) != nil
    }

    func finish() throws(ClusterError) { try Self.check(etude_mpi_finish()) }

    func abort(status: Int32) -> Never {
      etude_mpi_abort(status)
      exit(status)
    }

    /// Makes a call that waits.
    private func waiting(
      _ patience: Patience, _ call: (inout etude_mpi_wait) -> Int32
    ) throws(ClusterError) {
      var missing = [Int32](repeating: 0, count: 2 * size)
      let late: (code: Int32, count: Int) = missing.withUnsafeMutableBufferPointer { missing in
        var wait = etude_mpi_wait()
        wait.patience = patience.seconds ?? 0
        wait.remark_after = patience.remarkAfter ?? 0
        wait.remark = remark
        wait.missing = missing.baseAddress
        return (call(&wait), Int(wait.missing_count))
      }
      guard late.code != ETUDE_MPI_LATE else {
        throw .late(
          ranks: missing.prefix(late.count).map { "rank \($0)" }, seconds: patience.seconds ?? 0)
      }
      try Self.check(late.code)
    }

    private static func check(_ code: Int32) throws(ClusterError) {
      guard code == 0 else { throw .library(String(cString: etude_mpi_message(code))) }
    }
  }

  /// Says on standard error whom a long wait is for.
  private let remark: @convention(c) (UnsafePointer<Int32>?, Int32, Double) -> Void = {
    missing, count, seconds in
    let ranks = (0..<Int(count)).map { "rank \(missing![$0])" }.joined(separator: ", ")
    let line = "etude: waiting for \(ranks) since \(Int(seconds.rounded())) s\n"
    FileHandle.standardError.write(Data(line.utf8))
  }

  private func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
#endif
