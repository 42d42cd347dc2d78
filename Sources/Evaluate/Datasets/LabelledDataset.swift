import Foundation

/// The part of a data set that an item belongs to.
public enum Split: String, CaseIterable, Codable, Sendable {
  /// Fits probes.
  case train
  /// Chooses among them.
  case valid
  /// Is measured, once.
  case test
}

/// What is true of an item, and what a probe predicts.
public enum Truth: Equatable, Sendable {
  /// One of the data set's classes, by its index.
  case label(Int)
  /// Those of the data set's classes that apply, by their indices in ascending order; there may be none.
  case labels([Int])
  /// A number for each of the data set's classes.
  case numbers([Double])
  /// The times of beats and downbeats, seconds, ascending. A file without downbeats has an empty list.
  case beats([Double], downbeats: [Double])
  /// The file of each source that a mixture consists of, by the name of the source.
  case stems([String: String])
}

/// One file of a data set, with its label.
public struct LabelledItem: Equatable, Sendable {
  /// The full path of the audio.
  public var path: String
  /// The name of the item in its data set: no two items share one.
  public var name: String
  /// The part that it belongs to.
  public var split: Split
  /// What is true of it.
  public var truth: Truth
  /// The part of the file that it is, in seconds from the start; nil for the whole file.
  public var time: Range<Double>?

  /// Stores all parts.
  public init(
    path: String, name: String, split: Split, truth: Truth, time: Range<Double>? = nil
  ) {
    (self.path, self.name, self.split, self.truth) = (path, name, split, truth)
    self.time = time
  }
}

/// A file or a row of a data set that is not used.
public struct Omission: Codable, Hashable, Sendable {
  /// The file, or the name of the item.
  public var item: String
  /// Why, in a few words that fit behind a colon: `no such file`.
  public var reason: String

  /// Stores both parts.
  public init(_ item: String, _ reason: String) { (self.item, self.reason) = (item, reason) }
}

/// A data set as it lies on the disk of a user.
public struct LabelledDataset: Equatable, Sendable {
  /// The items, in the order of the data set's own lists.
  public var items: [LabelledItem]
  /// The names of the classes, tags, numbers or stems that `Truth` refers to.
  public var classes: [String]
  /// What is not used, with the reason.
  public var leftOut: [Omission]
  /// What a reader of the scores has to know, a sentence each: that the split is not the published one.
  public var remarks: [String]

  /// Stores all parts.
  public init(
    items: [LabelledItem], classes: [String], leftOut: [Omission] = [], remarks: [String] = []
  ) {
    (self.items, self.classes) = (items, classes)
    (self.leftOut, self.remarks) = (leftOut, remarks)
  }

  /// How many items a part has.
  public func count(_ split: Split) -> Int { items.count { $0.split == split } }
}

/// What is known of a data set without opening it.
public struct DatasetCard: Equatable, Sendable {
  /// The name in tables: `MagnaTagATune`.
  public var name: String
  /// The folders below the root that it is looked for in, the first that exists: `["MTT"]`.
  public var folders: [String]
  /// What a complete folder has, a path each, for messages about what is missing.
  public var contents: [String]
  /// Where it comes from.
  public var origin: String
  /// The licence of the audio as found; "none found" where there is none.
  public var licence: String

  /// Stores all parts.
  public init(
    name: String, folders: [String], contents: [String], origin: String, licence: String
  ) {
    (self.name, self.folders, self.contents) = (name, folders, contents)
    (self.origin, self.licence) = (origin, licence)
  }

  /// The folder below a root; nil if none of them exists.
  public func folder(below root: URL) -> URL? {
    folders.map { root.appendingPathComponent($0) }.first {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: $0.path, isDirectory: &isFolder)
        && isFolder.boolValue
    }
  }
}

/// What is wrong with the files of a data set.
public enum DatasetError: Error, Equatable, CustomStringConvertible {
  /// There is no such data set below the root.
  case missing(String, card: DatasetCard)
  /// A file that the data set cannot do without is missing or cannot be read.
  case unreadable(String, reason: String)
  /// A file is not what it should be: line 0 stands for the file as a whole.
  case malformed(String, line: Int, reason: String)

  /// One line with the remedy.
  public var description: String {
    switch self {
    case .missing(let root, let card):
      "\(root): has no folder \(card.folders.joined(separator: " or ")) with \(card.name); it comes from \(card.origin)"
    case .unreadable(let path, let reason): "\(path): \(reason)"
    case .malformed(let path, let line, let reason):
      line == 0 ? "\(path): \(reason)" : "\(path), line \(line): \(reason)"
    }
  }
}
