import ArgumentParser
import Evaluate
import Foundation

/// `etude report`: the page of a run, or that of a comparison anew.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write the page of a run, or that of a comparison again.",
    discussion: """
      Writes RUN/report.html from what the run has written so far; a run that goes on may be reported, \
      too. 'etude pretrain' writes the page at its end. The page of a codec plays the reconstructions \
      of its latest checkpoint, which are files beside it in RUN/samples.

      Of the folder of a comparison, the report is written again from its report.json, as this version \
      of etude draws it; nothing is trained or probed.

      Example, after that of 'etude pretrain --help':
        etude report runs/mert
      """)

  @Argument(help: ArgumentHelp("The folder of a run or of a comparison.", valueName: "folder"))
  var folder: String

  func run() throws {
    let folder = URL(fileURLWithPath: folder)
    let page = try ComparisonReport.rewrite(in: folder) ?? RunReport.write(of: folder)
    print("wrote \(page.relativePath)")
  }
}
