import Foundation
import Tensor

/// Feeds a reader with inputs that nobody should trust. A crash ends the process, and so does an input that
/// takes too long or too much memory; whatever else goes wrong is an error.
public struct Fuzz {
  /// What one input may take.
  public struct Limits: Sendable {
    /// Processor time, seconds.
    public var seconds = 20
    /// More than the process held at the start, bytes.
    public var memory = 256 << 20
    /// Characters of a complaint.
    public var complaint = 2000

    /// The limits that every reader is held to.
    public init() {}
  }

  /// What became of the inputs.
  public struct Summary: Sendable, CustomStringConvertible {
    /// Inputs that were read.
    public var read = 0
    /// Inputs that were refused with an error of one line.
    public var refused = 0
    /// The most processor time that an input took, seconds.
    public var slowest = 0.0
    /// The most that the process held above the start, bytes.
    public var peak = 0
    /// What it holds at the end above the start, bytes.
    public var growth = 0

    /// One line.
    public var description: String {
      "\(read + refused) inputs: \(read) read, \(refused) refused, the slowest in "
        + "\(Int(slowest * 1000)) ms of processor time; memory at most \(peak >> 10) KiB above the start, "
        + "\(growth >> 10) KiB at the end"
    }
  }

  /// What a reader must not do.
  public enum Fault: Error, CustomStringConvertible {
    /// Its complaint is not one line with the file's name.
    case complaint(input: String, String)
    /// It held more memory than it may, bytes.
    case memory(input: String, Int)
    /// It left files open.
    case openFiles(Int)

    /// One line.
    public var description: String {
      switch self {
      case .complaint(let input, let text): "\(input): not one short line with the path: \(text)"
      case .memory(let input, let bytes): "\(input): \(bytes >> 20) MiB more than at the start"
      case .openFiles(let count): "\(count) files were left open"
      }
    }
  }

  private let target: FuzzTarget
  private let seed: UInt64
  private let limits: Limits
  private let folder: URL
  private let generator: FuzzTarget.Generator

  /// - Parameter seed: With the number of an input it decides the input.
  public init(_ target: FuzzTarget, seed: UInt64, limits: Limits = Limits()) throws {
    (self.target, self.seed, self.limits) = (target, seed, limits)
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("etude-fuzz-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let sound = folder.appendingPathComponent("sound")
    try FileManager.default.createDirectory(at: sound, withIntermediateDirectories: true)
    generator = try target.generator(sound)
  }

  /// Runs inputs by number. "The start" of memory is where it stands after the first tenth, at most
  /// a hundred inputs: by then the libraries have what they keep.
  ///
  /// - Parameters:
  ///   - begin: Called with the number of each input before it is read.
  ///   - refused: Called with the complaint of each input that is not read.
  public func run(
    _ inputs: Range<Int>, begin: (Int) -> Void = { _ in },
    refused: (Int, String) -> Void = { _, _ in }
  ) throws -> Summary {
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent(target.file).path
    let settled = inputs.lowerBound + min(100, inputs.count / 10)
    var (summary, open, watchdog) = (Summary(), Int.max, Watchdog())
    var start = ProcessMemory.begin()
    for input in inputs {
      begin(input)
      if input == settled {
        (start, open) = (ProcessMemory.begin(), Self.openFiles())
      }
      try write(input, to: path)
      watchdog.begin(name(of: input), seconds: limits.seconds, memory: start + limits.memory)
      let began = Watchdog.processorTime
      let complaint = try read(path, input)
      summary.slowest = max(summary.slowest, Watchdog.processorTime - began)
      watchdog.end()
      if let complaint { refused(input, complaint) }
      summary.read += complaint == nil ? 1 : 0
      summary.refused += complaint == nil ? 0 : 1
      summary.peak = ProcessMemory.peak - start
      guard summary.peak <= limits.memory else {
        throw Fault.memory(input: name(of: input), summary.peak)
      }
    }
    guard Self.openFiles() <= open else { throw Fault.openFiles(Self.openFiles() - open) }
    summary.growth = ProcessMemory.resident - start
    return summary
  }

  /// Writes one input to a file.
  public func write(_ input: Int, to path: String) throws {
    var stream = RandomStream(seed: seed, purpose: .corpus, sample: input)
    try generator(path, &stream)
  }

  /// - Returns: The complaint if the input is refused.
  private func read(_ path: String, _ input: Int) throws -> String? {
    do {
      try target.read(path)
      return nil
    } catch {
      let text = "\(error)"
      guard text.hasPrefix(folder.path), !text.contains(where: \.isNewline),
        text.count <= limits.complaint
      else { throw Fault.complaint(input: name(of: input), text) }
      return text
    }
  }

  private func name(of input: Int) -> String { "\(target.name), seed \(seed), input \(input)" }

  private static func openFiles() -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
  }
}
