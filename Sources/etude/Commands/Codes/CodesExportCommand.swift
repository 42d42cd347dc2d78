import ArgumentParser
import Audio
import Foundation
import Pretrain

extension CodesCommand {
  /// Codes as fairseq and MERT read them.
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export",
      abstract: "Write the codes of a store as fairseq's text or a NumPy table.",
      discussion: """
        If --out ends in .npy, writes a table [files, longest] of int32, padded with -1. Otherwise \
        writes text, a line for each file with numbers from 0, as in train.km. With several codebooks, \
        {codebook} in the name stands for the number of each, from 0; --codebook chooses one.

        Lines are in the order in which the files were labelled: the order of the data's manifest \
        without the files left out. fairseq needs a line for each line of its manifest: pass it as \
        --manifest.

        Examples:
          etude codes export labels/labels-0.h5 --manifest music.tsv --out train.km
          etude codes export labels/labels-0.h5 --out 'codes-{codebook}.npy'
        """)

    @Argument(help: ArgumentHelp("A label store, made by 'etude teach'.", valueName: "store"))
    var store: String

    @Option(help: ArgumentHelp("The file for the codes; .npy or text.", valueName: "file"))
    var out: String

    @Option(parsing: .unconditional, help: "The codebook to write, from 0.")
    var codebook: Int?

    @Option(help: ArgumentHelp("A manifest, for whose files lines are written.", valueName: "tsv"))
    var manifest: String?

    func run() throws {
      let store = try LabelStore(at: store)
      let sizes = store.description.codebookSizes
      let names = try manifest.map { try Manifest(contentsOf: $0).entries.map(\.path) }
      let books = try chosen(of: sizes.count)
      for book in books {
        let path = out.replacingOccurrences(of: "{codebook}", with: "\(book)")
        try store.export(codebook: book, of: names, to: path)
        print("\(path): \(names?.count ?? store.files.count) files, codes 0 to \(sizes[book] - 1)")
      }
    }

    private func chosen(of count: Int) throws -> [Int] {
      if let codebook {
        guard (0..<count).contains(codebook) else {
          throw ValidationError("--codebook \(codebook): \(store) has 0 to \(count - 1)")
        }
        return [codebook]
      }
      guard count == 1 || out.contains("{codebook}") else {
        throw ValidationError(
          "--out \(out): \(store) has \(count) codebooks; put {codebook} into the name, or choose one "
            + "with --codebook")
      }
      return Array(0..<count)
    }
  }
}
