import ArgumentParser
import Evaluate
import Foundation

extension MarbleCommand {
  /// Checks a folder of data sets.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "data",
      abstract: "Say which of MARBLE's data sets are below a folder, and what is missing.",
      discussion: """
        For each task: the items of each part, what is left out and why, and of a data set that is not there \
        where it comes from, its licence and the folder that it belongs in. Audio is not decoded.

        Example, for a folder that holds GTZAN, GS and others:
          etude marble data .
        """)

    @Argument(help: "The folder that holds the data sets.")
    var root: String

    @Flag(help: "Name every item that is left out, not the first of each reason.")
    var all = false

    func run() throws {
      let url = URL(filePath: root, directoryHint: .isDirectory)
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
        isFolder.boolValue
      else { throw ValidationError("\(root): no such folder") }
      for task in MarbleTask.all { print(DatasetCheck(of: task, below: url).text(naming: all)) }
    }
  }
}
