/// The ranks of a program that runs several times at once, and how they send bytes to each other.
///
/// It only moves bytes: every addition is made here, in an order that the library beneath has no say in. Calls are
/// collective: all ranks make the same calls in the same order, and one thread of each at a time.
public protocol Communicator: Sendable {
  /// Which rank this is, from 0.
  var rank: Int { get }
  /// How many ranks there are.
  var size: Int { get }
  /// Where this rank runs.
  var host: HostPlace { get }
  /// The library beneath and its version; nil of one process.
  var library: String? { get }

  /// Sends to one rank while receiving from another.
  ///
  /// - Parameters:
  ///   - sent: The bytes for `to`.
  ///   - to: The rank that they are sent to.
  ///   - received: Memory for as many bytes as `from` sends.
  ///   - from: The rank that sends them.
  ///   - patience: How long to wait.
  /// - Throws: `ClusterError.late` with the rank that did not answer in time.
  func swap(
    _ sent: UnsafeRawBufferPointer, to: Int, _ received: UnsafeMutableRawBufferPointer, from: Int,
    _ patience: Patience
  ) throws(ClusterError)

  /// Puts equally many bytes of every rank into `all`, in the order of the ranks.
  /// - Throws: As `swap`, with all ranks that did not answer in time.
  func gather(
    _ mine: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, _ patience: Patience
  ) throws(ClusterError)

  /// Gives every rank the bytes of `root`.
  /// - Throws: As `swap`.
  func broadcast(
    _ bytes: UnsafeMutableRawBufferPointer, from root: Int, _ patience: Patience
  ) throws(ClusterError)

  /// Whether all ranks call this within a time, so that they end together. Whatever else a rank waits for is no answer.
  func part(within seconds: Double) -> Bool

  /// Ends the communication after the last call of all ranks.
  func finish() throws(ClusterError)

  /// Ends all ranks at once.
  func abort(status: Int32) -> Never
}

/// Where a rank runs.
public struct HostPlace: Sendable, Equatable {
  /// The host's name.
  public var name: String
  /// Which of the host's ranks it is, from 0.
  public var rank: Int
  /// How many ranks the host has.
  public var size: Int

  /// A rank among those of a host.
  public init(name: String, rank: Int = 0, size: Int = 1) {
    (self.name, self.rank, self.size) = (name, rank, size)
  }
}

/// How long a rank waits for others.
public struct Patience: Sendable {
  /// Seconds after which the wait is an error; nil waits for ever.
  public var seconds: Double?
  /// Seconds after which a remark says whom it waits for; nil never.
  public var remarkAfter: Double?

  /// A wait of at most so many seconds.
  public init(seconds: Double?, remarkAfter: Double? = nil) {
    (self.seconds, self.remarkAfter) = (seconds, remarkAfter)
  }

  /// For work of one rank whose length nobody knows, such as labelling.
  public static let endless = Patience(seconds: nil)
}
