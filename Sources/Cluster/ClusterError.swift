/// What can go wrong between ranks.
public enum ClusterError: Error, CustomStringConvertible, Sendable {
  /// Ranks did not answer in time.
  case late(ranks: [String], seconds: Double)
  /// A rank failed, and said so: which, and its line.
  case failed(rank: String, String)
  /// The library beneath failed.
  case library(String)
  /// The program was started as several ranks and cannot be: why, and what to do.
  case launcher(String)
  /// The ranks differ in something that has to be the same: what, and where.
  case differs(String)

  /// One line.
  public var description: String {
    switch self {
    case .late(let ranks, let seconds):
      "no answer of \(ranks.joined(separator: ", ")) for \(Int(seconds.rounded())) s; look there, and go on "
        + "from the last checkpoint with --resume-if-there"
    case .failed(let rank, let line): "\(rank): \(line)"
    case .library(let text): "MPI: \(text)"
    case .launcher(let text): text
    case .differs(let text): text
    }
  }
}
