import Foundation

/// A number that TensorBoard draws over the steps.
public struct EventScalar: Sendable, Equatable {
  /// Its name. What stands before the first `/` names the group that it is drawn in.
  public var tag: String
  /// The number.
  public var value: Float

  /// A number by its name.
  public init(_ tag: String, _ value: Float) { (self.tag, self.value) = (tag, value) }
}

/// A file `events.out.tfevents.*` that TensorBoard reads while it grows.
///
/// Each process that works on a run begins a file of its own. It starts with a mark (`SessionLog` with
/// `START`) of the step from which it goes on, by which TensorBoard drops what an interrupted process had
/// still written of that and later steps. TensorBoard ignores the first mark of a run, so the first file
/// has one, too. It reads files in the order of their names: a new name follows those in the folder, even
/// where the clock was set back.
public struct EventFile {
  /// Where it lies.
  public let url: URL
  private let file: AppendedFile
  private static let prefix = "events.out.tfevents."

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - folder: The folder that TensorBoard shows as one run.
  ///   - step: The first step that is still to come.
  ///   - date: The time now.
  /// - Throws: `FileError`.
  public init(in folder: URL, from step: Int, at date: Date = Date()) throws {
    url = folder.appendingPathComponent(try Self.name(in: folder, at: date))
    try AtomicFile.write(Data(EventFrame.beginning(from: step, at: date)), to: url)
    file = try AppendedFile(url)
  }

  /// Appends the numbers of a step. On a full disk they wait for the next ones.
  /// - Throws: `FileError`.
  public func write(_ scalars: [EventScalar], step: Int, at date: Date = Date()) throws(FileError) {
    try file.append(Data(EventFrame.scalars(scalars, step: step, at: date)))
  }

  /// `events.out.tfevents.SECONDS.HOST.PROCESS`, as TensorFlow names them.
  private static func name(in folder: URL, at date: Date) throws -> String {
    let last = try (Presence.names(in: folder) ?? []).compactMap(seconds).max()
    let seconds = max(Int(date.timeIntervalSince1970), (last ?? 0) + 1)
    let process = ProcessInfo.processInfo
    let host = process.hostName.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    return prefix + String(format: "%010d", seconds) + ".\(host).\(process.processIdentifier)"
  }

  /// The time in the name of an events file; nil of other files.
  private static func seconds(in name: String) -> Int? {
    guard name.hasPrefix(prefix) else { return nil }
    return name.dropFirst(prefix.count).split(separator: ".").first.flatMap { Int($0) }
  }
}
