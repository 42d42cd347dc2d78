import Foundation

/// Ranks that are threads of one process: for tests of what ranks do together.
///
/// ```swift
/// let sums = try ThreadCommunicator.run(ranks: 4) { try $0.gather(Int($0.rank)) }
/// ```
public struct ThreadCommunicator: Communicator {
  /// Which thread.
  public let rank: Int
  private let room: Room

  /// How many threads.
  public var size: Int { room.size }
  /// All are here.
  public var host: HostPlace { HostPlace(name: "here", rank: rank, size: size) }
  /// None.
  public var library: String? { nil }

  /// Runs `body` once for each rank, each on a thread of its own.
  /// - Returns: What each returned, in their order.
  /// - Throws: The error of the lowest rank that failed.
  public static func run<Value: Sendable>(
    ranks count: Int, patience: Patience = Patience(seconds: 60),
    _ body: @escaping @Sendable (Ranks) throws -> Value
  ) throws -> [Value] {
    try outcomes(ranks: count, patience: patience, body).map { try $0.get() }
  }

  /// As `run`, with what each rank failed by.
  public static func outcomes<Value: Sendable>(
    ranks count: Int, patience: Patience = Patience(seconds: 60),
    _ body: @escaping @Sendable (Ranks) throws -> Value
  ) -> [Result<Value, any Error>] {
    let (room, results) = (Room(size: count), Results<Value>(count: count))
    for rank in 0..<count {
      let thread = Thread {
        results.set(
          Result {
            try body(Ranks(ThreadCommunicator(rank: rank, room: room), patience: patience))
          }, of: rank)
      }
      thread.stackSize = 64 << 20
      thread.start()
    }
    return results.wait()
  }

  /// Sends by way of the room.
  public func swap(
    _ sent: UnsafeRawBufferPointer, to: Int, _ received: UnsafeMutableRawBufferPointer, from: Int,
    _ patience: Patience
  ) throws(ClusterError) {
    room.put(Data(sent), from: rank, to: to)
    try receive(into: received, from: from, patience)
  }

  /// Sends to each other rank.
  public func gather(
    _ mine: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, _ patience: Patience
  ) throws(ClusterError) {
    for other in 0..<size { room.put(Data(mine), from: rank, to: other) }
    for other in 0..<size {
      let place = all[mine.count * other..<mine.count * (other + 1)]
      try receive(
        into: UnsafeMutableRawBufferPointer(rebasing: place), from: other, patience)
    }
  }

  /// Sends from the root to each other rank.
  public func broadcast(
    _ bytes: UnsafeMutableRawBufferPointer, from root: Int, _ patience: Patience
  ) throws(ClusterError) {
    guard rank == root else { return try receive(into: bytes, from: root, patience) }
    for other in 0..<size where other != root { room.put(Data(bytes), from: root, to: other) }
  }

  private func receive(
    into place: UnsafeMutableRawBufferPointer, from other: Int, _ patience: Patience
  ) throws(ClusterError) {
    guard let data = room.take(from: other, to: rank, within: patience.seconds) else {
      throw .late(ranks: ["rank \(other)"], seconds: patience.seconds ?? 0)
    }
    precondition(
      data.count == place.count, "ThreadCommunicator: \(data.count) bytes for \(place.count)")
    place.copyBytes(from: data)
  }

  /// Threads end by themselves.
  public func part(within seconds: Double) -> Bool { false }

  /// Nothing has to end.
  public func finish() {}

  /// Ends the process.
  public func abort(status: Int32) -> Never { exit(status) }
}

/// Messages under way.
private final class Room: @unchecked Sendable {
  // Safe to share: `messages` is read and changed under `condition`.
  private let condition = NSCondition()
  private var messages: [[Int]: [Data]] = [:]
  let size: Int

  init(size: Int) { self.size = size }

  func put(_ message: Data, from: Int, to: Int) {
    condition.withLock {
      messages[[from, to], default: []].append(message)
      condition.broadcast()
    }
  }

  /// The next message of a pair; nil if none comes in time.
  func take(from: Int, to: Int, within seconds: Double?) -> Data? {
    // A date too far away is a trap on Linux.
    let end = Date(timeIntervalSinceNow: seconds ?? 1e6)
    return condition.withLock {
      while messages[[from, to], default: []].isEmpty {
        guard condition.wait(until: end) else { return nil }
      }
      return messages[[from, to]]!.removeFirst()
    }
  }
}

/// What threads returned.
private final class Results<Value: Sendable>: @unchecked Sendable {
  // Safe to share: `values` is read and changed under `condition`.
  private let condition = NSCondition()
  private var values: [Result<Value, any Error>?]

  init(count: Int) { values = Array(repeating: nil, count: count) }

  func set(_ value: Result<Value, any Error>, of rank: Int) {
    condition.withLock {
      values[rank] = value
      condition.broadcast()
    }
  }

  func wait() -> [Result<Value, any Error>] {
    condition.withLock {
      while values.contains(where: { $0 == nil }) { condition.wait() }
      return values.map { $0! }
    }
  }
}
