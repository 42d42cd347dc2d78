import ArgumentParser
import Foundation
import Fuzzing

/// Feeds a reader with damaged inputs until it has read them all, or crashes.
@main
struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Feed a reader with damaged files.",
    discussion: """
      Exits with 0 if every input was read or refused with an error. After a crash or a hang the \
      input's number stands in the file named by --last; '--first N --count 1' runs it again.

      Example: fuzz decode --count 100000 --seed 1
      """)

  @Argument(help: "decode, manifest, store or features.")
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

  func run() throws {
    let fuzz = try Fuzz(target, seed: seed)
    if let save {
      try Data(fuzz.bytes(of: first)).write(to: URL(fileURLWithPath: save))
      return
    }
    let log = last.map { open($0, O_WRONLY | O_CREAT | O_TRUNC, 0o644) }
    let summary = try fuzz.run(first..<first + count) { input in
      if let log { write(log, number: input) }
    }
    print("\(target.rawValue): \(summary)")
  }

  private func write(_ file: Int32, number: Int) {
    let text = String(repeating: " ", count: 20 - "\(number)".count) + "\(number)\n"
    pwrite(file, text, text.utf8.count, 0)
  }
}

extension FuzzTarget: ExpressibleByArgument {}
