import ArgumentParser
import Foundation
import Fuzzing

/// Feeds a reader with damaged and odd inputs until it has read them all, or crashes.
@main
struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Feed a reader with damaged and odd files.",
    discussion: """
      Exits with 0 if every input was read or refused with an error of one line, in 20 seconds and in \
      256 MiB more than at the start. Otherwise it prints the input's number; after a crash the number \
      stands in the file named by --last. '--first N --count 1' runs it again, '--save FILE' writes it.

      Example: fuzz decode --count 100000 --seed 1
      """)

  @Argument(help: "\(FuzzTarget.all.map(\.name).joined(separator: ", ")).")
  var target: FuzzTarget

  @Option(help: "How many inputs.")
  var count = 100_000

  @Option(help: "The number of the first.")
  var first = 0

  @Option(help: "Decides the inputs.")
  var seed: UInt64 = 1

  @Option(help: "A file that holds the number of the input at work.")
  var last: String?

  @Option(help: "Write the first input here and read nothing.")
  var save: String?

  @Flag(help: "Print every complaint.")
  var complaints = false

  func run() throws {
    let fuzz = try Fuzz(target, seed: seed)
    if let save { return try fuzz.write(first, to: save) }
    let log = last.map { open($0, O_WRONLY | O_CREAT | O_TRUNC, 0o644) }
    let summary = try fuzz.run(first..<first + count) { input in
      if let log { write(log, number: input) }
    } refused: { input, complaint in
      if complaints { print("\(input): \(complaint)") }
    }
    print("\(target.name): \(summary)")
  }

  private func write(_ file: Int32, number: Int) {
    let text = String(repeating: " ", count: 20 - "\(number)".count) + "\(number)\n"
    pwrite(file, text, text.utf8.count, 0)
  }
}

extension FuzzTarget: ExpressibleByArgument {
  /// The target that an argument names.
  public init?(argument: String) { self.init(named: argument) }
}
