import Foundation
import Tensor

/// Feeds a reader with damaged inputs. A crash ends the process; whatever else goes wrong is an error.
public struct Fuzz {
  /// What became of the inputs.
  public struct Summary: Sendable, CustomStringConvertible {
    /// Inputs that were read in spite of the damage.
    public var read = 0
    /// Inputs that were refused with an error of one line.
    public var refused = 0
    /// The longest that an input took, seconds.
    public var slowest = 0.0
    /// What the process holds more than after the first tenth, bytes.
    public var growth = 0

    /// One line.
    public var description: String {
      "\(read + refused) inputs: \(read) read, \(refused) refused, the slowest in "
        + "\(Int(slowest * 1000)) ms, memory grew by \(growth >> 10) KiB"
    }
  }

  /// What a reader must not do.
  public enum Fault: Error, CustomStringConvertible {
    /// Its complaint is not one line with the file's name.
    case complaint(input: Int, String)
    /// It left files open.
    case openFiles(Int)

    /// One line.
    public var description: String {
      switch self {
      case .complaint(let input, let text): "input \(input): not one line with the path: \(text)"
      case .openFiles(let count): "\(count) files were left open"
      }
    }
  }

  private let target: FuzzTarget
  private let seed: UInt64
  private let folder: URL
  private let mutation: Mutation

  /// - Parameter seed: With the number of an input it decides the input.
  public init(_ target: FuzzTarget, seed: UInt64) throws {
    (self.target, self.seed) = (target, seed)
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("etude-fuzz-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    mutation = Mutation(pool: try target.seeds(in: folder))
  }

  /// Runs inputs by number.
  ///
  /// - Parameters:
  ///   - limit: Seconds of work after which an input that is still being read ends the process.
  ///   - begin: Told the number of each input before it is read.
  public func run(
    _ inputs: Range<Int>, limit: Int = 20, begin: (Int) -> Void = { _ in }
  ) throws -> Summary {
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("input").path
    var (summary, settled, open) = (Summary(), 0, Int.max)
    for input in inputs {
      begin(input)
      // By then the libraries have what they keep.
      if input == inputs.lowerBound + inputs.count / 10 {
        (settled, open) = (Self.residentBytes(), Self.openFiles())
      }
      try Data(bytes(of: input)).write(to: URL(fileURLWithPath: path))
      allow(seconds: limit)
      let duration = try ContinuousClock().measure { try read(path, input, &summary) }
      allow(seconds: 0)
      summary.slowest = max(summary.slowest, duration / .seconds(1))
    }
    guard Self.openFiles() <= open else { throw Fault.openFiles(Self.openFiles() - open) }
    summary.growth = Self.residentBytes() - settled
    return summary
  }

  /// One input.
  public func bytes(of input: Int) -> [UInt8] {
    var stream = RandomStream(seed: seed, purpose: .corpus, sample: input)
    return mutation.mutant(using: &stream)
  }

  private func read(_ path: String, _ input: Int, _ summary: inout Summary) throws {
    do {
      try target.read(path)
      summary.read += 1
    } catch {
      let text = "\(error)"
      guard text.hasPrefix(path), !text.contains(where: \.isNewline) else {
        throw Fault.complaint(input: input, text)
      }
      summary.refused += 1
    }
  }

  /// Ends the process when it has worked so long; 0 takes that back. What it waits does not count.
  private func allow(seconds: Int) {
    var timer = itimerval()
    timer.it_value.tv_sec = seconds
    setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &timer, nil)
  }

  private static func openFiles() -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
  }

  /// What the process holds now.
  private static func residentBytes() -> Int {
    let fields = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(
      separator: " ")
    return Int(fields?[1] ?? "").map { $0 * 4096 } ?? 0
  }
}
