import Evaluate
import Foundation
import Testing

extension LabelledDataset {
  /// The reasons of what is left out, by item.
  var reasons: [String: String] {
    Dictionary(leftOut.map { ($0.item, $0.reason) }) { "\($0); \($1)" }
  }

  /// The names of the items of a part, in their order.
  func names(_ split: Split) -> [String] { items.filter { $0.split == split }.map(\.name) }

  /// How many items of a part have each class.
  func classCounts(_ split: Split) -> [Int] {
    classes.indices.map { label in
      items.count { $0.split == split && $0.truth.labels.contains(label) }
    }
  }

  /// What is true of an item.
  func truth(of name: String) -> Truth? { items.first { $0.name == name }?.truth }
}

extension Truth {
  fileprivate var labels: [Int] {
    switch self {
    case .label(let label): [label]
    case .labels(let labels): labels
    default: []
    }
  }
}

/// The message of the error that a reader throws, with `ROOT` in place of the folder.
func message(
  in root: URL, _ read: (URL) throws(DatasetError) -> LabelledDataset
) -> String {
  do {
    return "no error: \(try read(root).items.count) items"
  } catch {
    return error.description.replacingOccurrences(of: root.path, with: "ROOT")
  }
}

/// Replaces a text in a file.
func edit(_ url: URL, _ old: String, _ new: String) throws {
  let text = try String(contentsOf: url, encoding: .utf8)
  #expect(text.contains(old))
  try writeFile(text.replacingOccurrences(of: old, with: new), to: url)
}
