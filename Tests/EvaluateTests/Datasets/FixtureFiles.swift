import Foundation

/// Writes a file and the folders above it.
func writeFile(_ content: Data, to url: URL) throws {
  try FileManager.default.createDirectory(
    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
  try content.write(to: url)
}

/// Writes a text and the folders above it.
func writeFile(_ text: String, to url: URL) throws {
  try writeFile(Data(text.utf8), to: url)
}
