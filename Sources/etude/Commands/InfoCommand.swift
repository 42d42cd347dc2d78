import ArgumentParser
import Foundation
import Tensor

/// What this machine and the libraries on it can do.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Show the CPU, the BLAS core in use, threads and memory.",
    discussion: "Example: etude info --json")

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let machine = Machine.current
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      print(String(decoding: try encoder.encode(machine), as: UTF8.self))
    } else {
      print(machine.description)
    }
  }
}
