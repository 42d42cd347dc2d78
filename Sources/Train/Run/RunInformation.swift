import Audio
import Files
import Foundation
import Models
import Pretrain
import Settings
import Tensor

/// `run.json`: what a run was made from, and by what.
public struct RunInformation: Codable, Sendable, Equatable {
  /// One process that worked on the run.
  public struct Work: Codable, Sendable, Equatable {
    /// When it began.
    public var date: Date
    /// The step that it went on from; 0 if it began the run.
    public var step: Int
    /// The command line, word by word.
    public var command: [String]
    /// Etude's version.
    public var etude: String
    /// The `ContentHash` of the program, which differs between two builds of a version.
    public var program: String?
    /// The computer's name.
    public var host: String
    /// The processor's name.
    public var cpu: String
    /// Threads in use.
    public var threads: Int
    /// What a step computed in.
    public var precision: Precision
  }

  /// The data's root folder.
  public var data: String
  /// Usable files.
  public var files: Int
  /// Their length together.
  public var seconds: Double
  /// How much of that is digital silence; nil if it is not known.
  public var silentSeconds: Double?
  /// The files left out.
  public var skipped: [Manifest.Skipped]
  /// Numbers that the run learns, heads included.
  public var parameters: Int
  /// The model that the run began as; nil if that was random.
  public var start: ModelIdentity?
  /// The processes that worked on it, in order; nil in older runs.
  public var work: [Work]?

  /// Writes it into a run folder.
  /// - Throws: `FileError`.
  func write(to run: URL) throws {
    try AtomicFile.write(JSONEncoder.readable.encode(self), to: run.informationFile)
  }

  /// Reads that of a run folder.
  /// - Throws: `RunError.checkpoint` if it is missing or damaged.
  public init(of run: URL) throws {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    do {
      self = try decoder.decode(Self.self, from: Data(contentsOf: run.informationFile))
    } catch {
      throw RunError.checkpoint(
        run.informationFile.path, reason: "it is missing or damaged; start the run anew")
    }
  }

  init(
    _ audio: any AudioSource, root: String, skipped: [Manifest.Skipped], parameters: Int,
    start: ModelIdentity?, work: [Work]
  ) {
    (data, files, seconds) = (root, audio.count, audio.seconds)
    (silentSeconds, self.skipped) = (audio.silentSeconds, skipped)
    (self.parameters, self.start, self.work) = (parameters, start, work)
  }
}

extension RunInformation.Work {
  /// This process.
  static func current(from step: Int, precision: Precision) -> RunInformation.Work {
    RunInformation.Work(
      date: Date(), step: step, command: CommandLine.arguments, etude: etudeVersion,
      program: program, host: ProcessInfo.processInfo.hostName, cpu: Machine.current.cpu,
      threads: Cores.count, precision: precision)
  }

  private static let program = (try? ContentHash.ofFile(at: executable))
    .map { String($0, radix: 16) }

  /// On Linux this is the program that runs, even after its file has been replaced.
  private static var executable: String {
    #if os(Linux)
      "/proc/self/exe"
    #else
      Bundle.main.executablePath ?? CommandLine.arguments[0]
    #endif
  }
}
