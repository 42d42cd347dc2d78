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
    /// Batches of the next step that were added up already; nil if none were.
    public var batch: Int?
    /// The seed of everything random; nil in older runs.
    public var seed: Int?
    /// The command line, word by word.
    public var command: [String]
    /// Etude's version.
    public var etude: String
    /// The `ContentHash` of the program, which differs between two builds of a version.
    public var program: String?
    /// The commit of the source folder that the program lies in; nil if it lies in none.
    public var commit: String?
    /// The computer's name.
    public var host: String
    /// The processor's name.
    public var cpu: String
    /// The vector instructions that it computed with, and what of them the environment kept from oneDNN; nil in older
    /// runs.
    public var features: [String]?
    /// Threads in use.
    public var threads: Int
    /// How many ranks worked together; nil of one process.
    public var ranks: Int?
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
  /// Whether a checkpoint was written, so that there has to be one; nil in older runs.
  public var hasCheckpoint: Bool?

  /// Notes that a run has a checkpoint from now on.
  /// - Throws: `FileError`.
  static func noteCheckpoint(in run: URL) throws {
    guard var information = try? RunInformation(of: run), information.hasCheckpoint != true else {
      return
    }
    information.hasCheckpoint = true
    try information.write(to: run)
  }

  /// Writes it into a run folder.
  /// - Throws: `FileError`.
  func write(to run: URL) throws {
    try AtomicFile.write(JSONEncoder.readable.encode(self), to: run.informationFile)
  }

  /// Reads that of a run folder.
  /// - Throws: `RunError.noRun` if it is missing, `.checkpoint` if it is damaged; `FileError` if it cannot be read.
  public init(of run: URL) throws {
    guard let data = try Presence.content(of: run.informationFile) else {
      let isThere = try Presence.kind(of: run.path) != nil
      throw RunError.noRun(run.path, isThere: isThere)
    }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    do {
      self = try decoder.decode(Self.self, from: data)
    } catch {
      throw RunError.checkpoint(
        run.informationFile.path, reason: "it is damaged; put back a copy, or start the run anew")
    }
  }

  /// That of a run folder; nil if no training has begun there.
  /// - Throws: `FileError` if the folder cannot be read; `RunError.checkpoint` if it is damaged.
  public static func ifBegun(_ run: URL) throws -> RunInformation? {
    try Presence.kind(of: run.informationFile.path) == nil ? nil : RunInformation(of: run)
  }

  init(
    _ audio: any AudioSource, root: String, skipped: [Manifest.Skipped], parameters: Int,
    start: ModelIdentity?, work: [Work], hasCheckpoint: Bool
  ) {
    (data, files, seconds) = (root, audio.count, audio.seconds)
    (silentSeconds, self.skipped) = (audio.silentSeconds, skipped)
    (self.parameters, self.start, self.work) = (parameters, start, work)
    self.hasCheckpoint = hasCheckpoint
  }
}

extension RunInformation.Work {
  /// This process, which works on a run from a position on.
  static func current(
    from position: TrainingPosition, recipe: some TrainingRecipe, ranks: Int
  ) -> RunInformation.Work {
    RunInformation.Work(
      date: Date(), step: position.step, batch: position.batch > 0 ? position.batch : nil,
      seed: recipe.seed, command: CommandLine.arguments, etude: etudeVersion, program: program,
      commit: sourceCommit, host: ProcessInfo.processInfo.hostName,
      cpu: Machine.current.cpu,
      features: Machine.current.features + [Machine.oneDNNLimit].compactMap(\.self),
      threads: Cores.count, ranks: ranks > 1 ? ranks : nil,
      precision: recipe.training.precision)
  }

  /// What differs from the process before it and may change the last bits of a result, in lines.
  func differences(from earlier: RunInformation.Work) -> [String] {
    let all = [
      ("another CPU", cpu, earlier.cpu),
      ("other instructions", instructions, earlier.instructions),
      ("another version", etude, earlier.etude),
      ("another build", commit ?? program ?? "", earlier.commit ?? earlier.program ?? ""),
    ]
    return all.filter { $0.1 != $0.2 && !$0.1.isEmpty && !$0.2.isEmpty }.map { what, now, before in
      "goes on with \(what), \(now) after \(before), whose results may differ in the last bits"
    }
  }

  /// Empty if they are not known.
  private var instructions: String {
    features.map { $0.isEmpty ? "no vectors" : $0.joined(separator: " ") } ?? ""
  }

  /// What distinguishes this build of Etude from others.
  package static var build: String { "\(etudeVersion) \(program ?? "")" }

  static let program = (try? ContentHash.ofFile(at: executable))
    .map { String($0, radix: 16) }

  /// The commit of the source folder that this program lies in; nil if it lies in none.
  package static let sourceCommit = SourceCommit.of(executable)

  /// On Linux this is the program that runs, even after its file has been replaced.
  private static var executable: String {
    #if os(Linux)
      "/proc/self/exe"
    #else
      Bundle.main.executablePath ?? CommandLine.arguments[0]
    #endif
  }
}
