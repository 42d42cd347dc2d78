import Files
import Foundation
import HDF5
import Models
import Tensor

extension LabelStore {
  /// Writes one codebook's labels for other programs, in the order of `names`: by a name that ends in
  /// `.npy` as a table `[files, longest]` of int32 filled up with -1, otherwise as text, fairseq's `.km`, a
  /// line of numbers for each file.
  ///
  /// The old file stays until the new one is complete. Text is written file by file; a table is made in
  /// memory.
  /// - Parameters:
  ///   - codebook: Which, from 0.
  ///   - names: The files; all, as they were labelled, unless given.
  ///   - path: The new file.
  /// - Throws: `LabelError` if a file has no labels, or the store is damaged; `FileError`.
  /// - Traps when: there is no such codebook.
  public func export(codebook: Int = 0, of names: [String]? = nil, to path: String) throws {
    precondition(
      description.codebookSizes.indices.contains(codebook),
      "export: codebook \(codebook) of \(description.codebookSizes.count)")
    let names = names ?? files.map(\.name)
    let url = URL(fileURLWithPath: path)
    if path.hasSuffix(".npy") {
      return try NumPyArray.write(table(of: names, codebook), to: url)
    }
    try AtomicFile.write(to: url) { file in
      for name in names {
        let words = try row(of: name, codebook).map(String.init).joined(separator: " ")
        try file.write(contentsOf: Data((words + "\n").utf8))
      }
    }
  }

  private func table(of names: [String], _ codebook: Int) throws -> Tensor {
    let longest = try names.map { try file(named: $0).frames }.max() ?? 0
    var table = [Int32](repeating: -1, count: names.count * longest)
    for (number, name) in names.enumerated() {
      let row = try row(of: name, codebook)
      table.replaceSubrange(number * longest..<number * longest + row.count, with: row)
    }
    return Tensor(table, shape: [names.count, longest])
  }

  private func row(of name: String, _ codebook: Int) throws -> ArraySlice<Int32> {
    let codes = try codes(of: name)
    return codes.integers[codebook * codes.shape[1]..<(codebook + 1) * codes.shape[1]]
  }
}
