import Audio
import Foundation
import Tensor

/// A quantiser whose codes were made elsewhere: MERT's teacher, by EnCodec's code files.
///
/// A file for each codebook, a line or row for each file of the collection, see `CodeFile`. Lines are
/// those of a manifest, found by the files' names, so that files may be left out of the training.
public struct ImportedCodes: LabelTeacher {
  /// How many codes each codebook has.
  public let codebookSizes: [Int]
  private let books: [CodeFile]
  private let lines: [[UInt8]: Int]
  private let manifest: String
  private let hop: Int

  /// Opens the code files of a collection.
  ///
  /// - Parameters:
  ///   - files: See `paths`.
  ///   - codebookSizes: How many codes each codebook has.
  ///   - manifest: The files that were coded, in the order of the lines, and what to call it.
  ///   - name: What an error calls the manifest.
  ///   - hop: Samples from one code to the next, at the rate of the collections.
  /// - Throws: `CodeFileError` or `FileError` if a file is missing, unreadable, or has not a line for each file.
  public init(
    _ files: String, codebookSizes: [Int], of manifest: Manifest, named name: String, hop: Int
  ) throws {
    var books: [CodeFile] = []
    for path in try Self.paths(files, codebooks: codebookSizes.count) {
      let book = try CodeFile(path)
      guard book.count == manifest.entries.count else {
        throw CodeFileError.count(
          path, lines: book.count, files: manifest.entries.count, manifest: name)
      }
      books.append(book)
    }
    (self.books, self.codebookSizes, self.hop) = (books, codebookSizes, hop)
    self.manifest = name
    lines = Dictionary(
      manifest.entries.enumerated().map { (Array($1.path.utf8), $0) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Nothing: codes are labels already.
  public var tensors: [String: Tensor] { [:] }

  /// False: the files may be others by then.
  public var isRepeatable: Bool { false }

  /// The codes of one file, `[codebooks, frames]`.
  /// - Throws: `CodeFileError` if it has none, one is none of the codebook's, or they last longer or less
  ///   long than the audio by more than a frame.
  public func codes(of file: Int, in audio: any AudioSource) throws -> Tensor {
    let entry = audio.files[file]
    guard let line = lines[Array(entry.path.utf8)] else {
      throw CodeFileError.unknownFile(manifest, file: entry.path)
    }
    let frames = entry.samples / hop
    var (all, length): ([Int32], Int?) = ([], nil)
    for (book, size) in zip(books, codebookSizes) {
      let codes = try book.codes(of: line, below: size)
      guard (frames - 1...frames + 1).contains(codes.count) else {
        throw CodeFileError.length(
          book.path, line: line + 1, file: entry.path, codes: codes.count, frames: frames)
      }
      let first = length ?? codes.count
      guard codes.count == first else {
        throw CodeFileError.uneven(
          book.path, line: line + 1, codes: codes.count, other: books[0].path, otherCodes: first)
      }
      length = first
      all += codes
    }
    return Tensor(all, shape: [books.count, all.count / books.count])
  }
}

extension ImportedCodes {
  /// The file of each codebook.
  ///
  /// - Parameters:
  ///   - files: A pattern with `{codebook}` in it, which stands for 0, 1, ...; or a folder with one set of
  ///     files whose names end in `_0`, `_1`, ..., before `.npy` or `.km` if they end so; or, of a single
  ///     codebook, its file.
  ///   - codebooks: How many there are.
  /// - Throws: `CodeFileError.missing` if none or several sets could be meant.
  public static func paths(
    _ files: String, codebooks: Int
  ) throws(CodeFileError) -> [String] {
    func fill(_ pattern: String) -> [String] {
      (0..<codebooks).map { pattern.replacingOccurrences(of: "{codebook}", with: "\($0)") }
    }
    if files.contains("{codebook}") { return fill(files) }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: files, isDirectory: &isFolder) else {
      throw .missing(files, reason: "no such file or folder of codes")
    }
    guard isFolder.boolValue else {
      if codebooks == 1 { return [files] }
      throw .missing(
        files,
        reason:
          "is one file for \(codebooks) codebooks; name their folder, or all of them by a pattern "
          + "with {codebook}")
    }
    guard let found = try? FileManager.default.contentsOfDirectory(atPath: files) else {
      throw .missing(files, reason: "cannot be listed; check its permissions")
    }
    let names = Set(found)
    let sets = names.compactMap(pattern).filter { Set(fill($0)).isSubset(of: names) }.sorted()
    guard sets.count == 1 else {
      let found = sets.isEmpty ? "no set" : "several sets (\(sets.joined(separator: ", ")))"
      throw .missing(
        files,
        reason: "holds \(found) of \(codebooks) code files, as train.encodec_0 to "
          + "train.encodec_\(codebooks - 1); name them by a pattern with {codebook}")
    }
    return fill(files + "/" + sets[0])
  }

  /// `train.encodec_0.npy` as `train.encodec_{codebook}.npy`; nil for other names than the first's.
  private static func pattern(of name: String) -> String? {
    for ending in ["", ".npy", ".km"] where name.hasSuffix("_0" + ending) {
      return name.dropLast(1 + ending.count) + "{codebook}" + ending
    }
    return nil
  }
}
