import Foundation

/// One process: it has nobody to talk to, and every call returns at once.
public struct SingleProcess: Communicator {
  /// The only rank.
  public var rank: Int { 0 }
  /// One.
  public var size: Int { 1 }
  /// This host.
  public var host: HostPlace { HostPlace(name: HostPlace.localName) }
  /// None.
  public var library: String? { nil }

  /// A process of its own.
  public init() {}

  /// Copies its own bytes.
  public func swap(
    _ sent: UnsafeRawBufferPointer, to: Int, _ received: UnsafeMutableRawBufferPointer, from: Int,
    _ patience: Patience
  ) { received.copyMemory(from: sent) }

  /// Copies its own bytes.
  public func gather(
    _ mine: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, _ patience: Patience
  ) { all.copyMemory(from: mine) }

  /// Has them already.
  public func broadcast(
    _ bytes: UnsafeMutableRawBufferPointer, from root: Int, _ patience: Patience
  ) {}

  /// It is alone.
  public func part(within seconds: Double) -> Bool { true }

  /// There is nothing to end.
  public func finish() {}

  /// Ends the process.
  public func abort(status: Int32) -> Never { exit(status) }
}

extension HostPlace {
  /// The name of this host.
  static var localName: String { ProcessInfo.processInfo.hostName }
}
