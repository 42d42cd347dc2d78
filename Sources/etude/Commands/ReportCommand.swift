import ArgumentParser
import Evaluate
import Foundation

/// `etude report`: the page of a run.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write the page of a run: losses, settings, sounds.",
    discussion: """
      Writes RUN/report.html from what the run has written so far; a run that goes on may be reported, \
      too. 'etude pretrain' writes the page at its end. The page of a codec plays the reconstructions \
      of its latest checkpoint, which are files beside it in RUN/samples.

      Example, after that of 'etude pretrain --help':
        etude report runs/mert
      """)

  @Argument(help: ArgumentHelp("The run's folder.", valueName: "run"))
  var runFolder: String

  func run() throws {
    print("wrote \(try RunReport.write(of: URL(fileURLWithPath: runFolder)).relativePath)")
  }
}
