/// Who computes the parts of a piece of work: the cores of this process, or those of several processes together.
///
/// All of several processes make the same calls in the same order.
public protocol Workers: Sendable {
  /// How many parts they compute at once.
  var atOnce: Int { get }

  /// The tensors of parts `0..<count`, in order. Every process has all of them.
  ///
  /// - Parameters:
  ///   - count: How many parts there are.
  ///   - progress: Called with how many parts are computed, of how many.
  ///   - body: Computes a part; called once for each, in some process and on several threads at once.
  /// - Throws: What `body` throws, in every process.
  func tensors(
    _ count: Int, progress: ProgressHandler?, _ body: (Int) throws -> Tensor
  ) throws -> [Tensor]
}

/// The cores of this process.
public struct OwnCores: Workers {
  /// These cores.
  public init() {}

  /// One part on each.
  public var atOnce: Int { Cores.count }

  /// As `Cores.map`.
  public func tensors(
    _ count: Int, progress: ProgressHandler?, _ body: (Int) throws -> Tensor
  ) throws -> [Tensor] {
    try Cores.map(count, progress: progress, body)
  }
}
