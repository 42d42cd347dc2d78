import Foundation

/// The contents of `Tests/Golden/<file>.json`, written by the script of the same name.
func goldenJSON<Contents: Decodable>(_ file: String, as type: Contents.Type) throws -> Contents {
  let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Golden/\(file).json")
  return try JSONDecoder().decode(type, from: Data(contentsOf: folder))
}

/// Whether two lists of numbers are the same but for `tolerance`, relative to numbers above 1.
func isClose(_ found: [Double], _ right: [Double], within tolerance: Double) -> Bool {
  found.count == right.count
    && zip(found, right).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
}
