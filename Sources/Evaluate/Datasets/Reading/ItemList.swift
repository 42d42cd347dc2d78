import Foundation

/// Why one entry of a list cannot be used, in the words of an `Omission`.
struct Unusable: Error {
  var reason: String

  init(_ reason: String) { self.reason = reason }
}

/// What a reader has found so far: items, and entries that it leaves out.
struct ItemList {
  private var items: [LabelledItem] = []
  private var leftOut: [Omission]
  private var names: Set<String> = []

  /// - Parameter leftOut: What an earlier reader has left out already.
  init(leftOut: [Omission] = []) { self.leftOut = leftOut }

  /// Adds the item of a name, or leaves it out with the reason that `make` throws. Of two items of one name, the
  /// second is left out, for it may belong to another part.
  mutating func add(_ name: String, _ make: () throws(Unusable) -> LabelledItem) {
    guard !names.contains(name) else {
      leftOut.append(Omission(name, "listed twice"))
      return
    }
    do throws(Unusable) {
      items.append(try make())
      names.insert(name)
    } catch {
      leftOut.append(Omission(name, error.reason))
    }
  }

  /// The finished data set.
  /// - Throws: `DatasetError.unreadable` if it has no item, with the first reason and what the folder has to hold.
  func dataset(
    of card: DatasetCard, in folder: URL, classes: [String], remarks: [String] = []
  ) throws(DatasetError) -> LabelledDataset {
    guard !items.isEmpty else {
      let contents = card.contents.joined(separator: ", ")
      throw .unreadable(folder.path, reason: "\(shortage(of: nil)); it should contain \(contents)")
    }
    return LabelledDataset(items: items, classes: classes, leftOut: leftOut, remarks: remarks)
  }

  /// The finished data set of a file of which every part is needed.
  /// - Parameters:
  ///   - path: What it was read from.
  ///   - remedy: What to do if a part is empty.
  /// - Throws: `DatasetError.unreadable` if a part has no item, with the first reason and the remedy.
  func dataset(
    at path: String, remedy: String, classes: [String], remarks: [String]
  ) throws(DatasetError) -> LabelledDataset {
    let filled = Set(items.map(\.split))
    for split in Split.allCases where !filled.contains(split) {
      let part = items.isEmpty ? nil : split
      throw .unreadable(path, reason: "\(shortage(of: part)); \(remedy)")
    }
    return LabelledDataset(items: items, classes: classes, leftOut: leftOut, remarks: remarks)
  }

  private func shortage(of part: Split?) -> String {
    let first = leftOut.first.map { " (\($0.item): \($0.reason))" } ?? ""
    return "has no item\(part.map { " for \($0.rawValue)" } ?? "") that can be used\(first)"
  }
}
