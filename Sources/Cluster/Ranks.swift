import Files
import Foundation

/// The ranks that work on one thing together.
///
/// What only one may do, such as writing into a folder, is `lead`'s; what all do and any may fail in is `agree`'s: all
/// ranks then fail together, with the line of the one that failed. With one rank both are what they are given.
public struct Ranks: Sendable {
  /// How they talk.
  public let communicator: any Communicator
  /// How long a rank waits for another in a step.
  public var patience: Patience
  /// The name of each rank's host.
  private let hosts: [String]

  /// This process by itself.
  public static let alone = Ranks(hosts: [""])

  private init(hosts: [String]) {
    (communicator, patience, self.hosts) = (SingleProcess(), .endless, hosts)
  }

  /// Ranks that talk in this way. A collective call.
  ///
  /// - Parameters:
  ///   - communicator: How they talk.
  ///   - patience: How long a rank waits for another in a step.
  /// - Throws: `ClusterError`.
  public init(_ communicator: any Communicator, patience: Patience = .endless) throws {
    (self.communicator, self.patience) = (communicator, patience)
    let nameless = Ranks(communicator)
    hosts = try nameless.gather(Data(communicator.host.name.utf8)).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  private init(_ communicator: any Communicator) {
    self.communicator = communicator
    (patience, hosts) = (.endless, Array(repeating: "", count: communicator.size))
  }

  /// Which one this is.
  public var rank: Int { communicator.rank }
  /// How many there are.
  public var count: Int { communicator.size }
  /// The library beneath and its version; nil of one process.
  public var library: String? { communicator.library }
  /// Whether this is the one that owns the run's folder and talks to the user.
  public var isFirst: Bool { rank == 0 }
  /// How many of them run on this host.
  public var onThisHost: Int { communicator.host.size }
  /// How many hosts they run on.
  public var hostCount: Int { Set(hosts).count }

  /// `rank 5 on h5`
  public func name(of rank: Int) -> String { "rank \(rank) on \(hosts[rank])" }

  /// The rank at a distance in the ring.
  func after(_ distance: Int) -> Int { (rank + distance) % count }
  /// The one at a distance in the other direction.
  func before(_ distance: Int) -> Int { (rank - distance + count) % count }

  /// The rank in whose share each of `0..<total` is.
  public func owners(of total: Int) -> [Int] {
    (0..<count).flatMap { rank in
      Array(repeating: rank, count: total * (rank + 1) / count - total * rank / count)
    }
  }

  /// The part of `0..<total` that this rank has of it: contiguous, and equal parts if the ranks divide it.
  public func share(of total: Int) -> Range<Int> {
    total * rank / count..<total * (rank + 1) / count
  }
}

// MARK: - Bytes of any length

extension Ranks {
  /// One value of each rank, in their order.
  public func gather<Value: BitwiseCopyable>(
    _ value: Value, _ patience: Patience = .endless
  ) throws -> [Value] {
    var all = Array(repeating: value, count: count)
    try withUnsafeBytes(of: value) { mine in
      try all.withUnsafeMutableBytes { try communicator.gather(mine, into: $0, patience) }
    }
    return all
  }

  /// Bytes of each rank, in their order; as many as each has.
  public func gather(_ bytes: Data, _ patience: Patience = .endless) throws -> [Data] {
    let lengths = try gather(bytes.count, patience)
    let longest = lengths.max() ?? 0
    guard longest > 0 else { return Array(repeating: Data(), count: count) }
    let mine = bytes + Data(count: longest - bytes.count)
    var all = Data(count: longest * count)
    try mine.withUnsafeBytes { mine in
      try all.withUnsafeMutableBytes { try communicator.gather(mine, into: $0, patience) }
    }
    return lengths.enumerated().map { rank, length in
      Data(all[longest * rank..<longest * rank + length])
    }
  }

  /// The elements of each rank, in their order.
  public func gather<Element: Codable>(_ elements: [Element]) throws -> [Element] {
    guard count > 1 else { return elements }
    return try gather(JSONEncoder.forRanks.encode(elements)).flatMap {
      try JSONDecoder.forRanks.decode([Element].self, from: $0)
    }
  }

  /// The bytes of one rank, the first unless given.
  public func broadcast(
    _ bytes: Data, from root: Int = 0, _ patience: Patience = .endless
  ) throws -> Data {
    var length = bytes.count
    try withUnsafeMutableBytes(of: &length) { try communicator.broadcast($0, from: root, patience) }
    var all = rank == root ? bytes : Data(count: length)
    try all.withUnsafeMutableBytes { try communicator.broadcast($0, from: root, patience) }
    return all
  }
}

// MARK: - Working together

extension Ranks {
  /// What `body` returns on the first rank, which alone runs it. The others wait for as long as it takes.
  /// - Throws: What it throws; on the others, `ClusterError.failed` with the line of that.
  public func lead<Value: Codable>(_ body: () throws -> Value) throws -> Value {
    guard count > 1 else { return try body() }
    guard isFirst else { return try Answer<Value>(from: broadcast(Data())).value(of: name(of: 0)) }
    let outcome = Result { try body() }
    _ = try broadcast(Answer(outcome).encoded())
    return try outcome.get()
  }

  /// Runs `body` on the first rank alone.
  public func lead(_ body: () throws -> Void) throws {
    _ = try lead {
      try body()
      return true
    }
  }

  /// What `body` returns on this rank, if it fails on none.
  /// - Throws: What it throws; if it failed on another rank only, `ClusterError.failed` with the line of that.
  public func agree<Value>(_ body: () throws -> Value) throws -> Value {
    guard count > 1 else { return try body() }
    let outcome = Result { try body() }
    let lines = try gather(outcome.failureLine)
    if let failed = lines.firstIndex(where: { !$0.isEmpty }), failed != rank {
      throw ClusterError.failed(
        rank: name(of: failed), String(decoding: lines[failed], as: UTF8.self))
    }
    return try outcome.get()
  }

  /// Runs `body` on the first rank and then on all others, which find what it has made.
  /// - Throws: As `agree`.
  public func inTurn<Value>(_ body: () throws -> Value) throws -> Value {
    guard count > 1 else { return try body() }
    let first = try agree { isFirst ? try body() : nil }
    let all = try agree { isFirst ? first : try body() }
    return all!
  }
}

extension Ranks {
  /// Sees to it that every rank finds a file that the first one has: a rank whose disk lacks it gets a copy.
  /// - Throws: `FileError`; `ClusterError`.
  public func share(_ file: URL) throws {
    guard count > 1 else { return }
    guard let wanted = try lead({ try hash(of: file) }) else { return }
    let isThere = try agree { try hash(of: file) == wanted }
    guard try gather(isThere).contains(false) else { return }
    let content = try broadcast(isFirst ? Data(contentsOf: file, options: .mappedIfSafe) : Data())
    try agree {
      guard !isThere else { return }
      try AtomicFolder.make(file.deletingLastPathComponent())
      try AtomicFile.write(content, to: file)
    }
  }

  /// Changes when the content of a file does; nil if there is none.
  private func hash(of file: URL) throws -> UInt64? {
    guard let content = try Presence.content(of: file) else { return nil }
    var hash = ContentHash()
    hash.update(content)
    return hash.value
  }

  /// Waits until every rank sees what the first one has made on a disk that they share: another host may look at what it
  /// remembers of a network disk for a minute.
  ///
  /// - Parameters:
  ///   - files: Files or folders that the first rank sees; those of the others do not count.
  ///   - seconds: How long at most.
  /// - Throws: `ClusterError.differs` with a rank that sees one not; `FileError` if one cannot be looked at.
  public func waitToSee(_ files: [URL], for seconds: Double = 90) throws {
    guard count > 1 else { return }
    let files = try lead { files }
    let end = Date(timeIntervalSinceNow: seconds)
    let missing = try agree { () -> [URL] in
      while true {
        let missing = try files.filter { try Presence.kind(of: $0.path) == nil }
        if missing.isEmpty || Date() > end { return missing }
        usleep(200_000)
      }
    }
    let all = try gather(missing.first.map { Data($0.path.utf8) } ?? Data())
    guard let blind = all.firstIndex(where: { !$0.isEmpty }) else { return }
    throw ClusterError.differs(
      "\(name(of: blind)) does not see \(String(decoding: all[blind], as: UTF8.self)), which \(name(of: 0)) has "
        + "made; all ranks need a disk that they share")
  }

  /// Checks that all ranks have the same text.
  ///
  /// - Parameters:
  ///   - name: What the text is, in a message: `recipe`.
  ///   - text: That of this rank.
  /// - Throws: `ClusterError.differs` with the first rank that has another than the first.
  public func check(_ name: String, is text: @autoclosure () throws -> String) throws {
    guard count > 1 else { return }
    var hash = ContentHash()
    hash.update(Data(try text().utf8))
    let all = try gather(hash.value)
    guard let other = all.firstIndex(where: { $0 != all[0] }) else { return }
    throw ClusterError.differs(
      "\(self.name(of: other)) has another \(name) than \(self.name(of: 0)); all ranks need the same"
    )
  }
}

extension Result {
  /// The words for a failure, as bytes; none of a success.
  fileprivate var failureLine: Data {
    guard case .failure(let error) = self else { return Data() }
    return Data("\(error)".utf8)
  }
}

/// What the first rank has to say.
private struct Answer<Value: Codable>: Codable {
  /// One value; none of a failure. A list, since the value itself may be nil.
  var values: [Value] = []
  var failure: String?

  init(_ outcome: Result<Value, any Error>) {
    switch outcome {
    case .success(let value): values = [value]
    case .failure(let error): failure = "\(error)"
    }
  }

  init(from bytes: Data) throws {
    self = try JSONDecoder.forRanks.decode(Self.self, from: bytes)
  }

  func encoded() throws -> Data { try JSONEncoder.forRanks.encode(self) }

  func value(of rank: String) throws -> Value {
    guard let value = values.first else {
      throw ClusterError.failed(rank: rank, failure ?? "no answer")
    }
    return value
  }
}

extension JSONEncoder {
  /// Numbers keep their bits; NaN and infinity are words.
  fileprivate static var forRanks: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }
}

extension JSONDecoder {
  fileprivate static var forRanks: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}
