import Foundation

/// The commit of the source folder that a program was built in.
enum SourceCommit {
  /// The commit that is checked out in the folder of a file or in one above it; nil if there is none.
  static func of(_ path: String) -> String? {
    var folder = URL(fileURLWithPath: path).resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path != "/" {
      let entry = folder.appendingPathComponent(".git")
      if FileManager.default.fileExists(atPath: entry.path) { return head(of: entry) }
      folder.deleteLastPathComponent()
    }
    return nil
  }

  private static func head(of entry: URL) -> String? {
    guard let git = gitFolder(entry), let head = line(of: git.appendingPathComponent("HEAD")) else {
      return nil
    }
    guard let reference = head.suffix(after: "ref: ") else { return head }
    let common = line(of: git.appendingPathComponent("commondir"))
    let root = common.map { URL(fileURLWithPath: $0, relativeTo: git) } ?? git
    return line(of: root.appendingPathComponent(reference)) ?? packed(reference, in: root)
  }

  /// In a second checkout of a repository `.git` is a file that names the folder.
  private static func gitFolder(_ entry: URL) -> URL? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: entry.path, isDirectory: &isFolder) else {
      return nil
    }
    if isFolder.boolValue { return entry }
    let place = line(of: entry)?.suffix(after: "gitdir: ")
    return place.map { URL(fileURLWithPath: $0, relativeTo: entry.deletingLastPathComponent()) }
  }

  private static func packed(_ reference: String, in git: URL) -> String? {
    let file = git.appendingPathComponent("packed-refs")
    let text = try? String(contentsOf: file, encoding: .utf8)
    return text?.split(separator: "\n").first { $0.hasSuffix(" " + reference) }
      .map { String($0.prefix { $0 != " " }) }
  }

  private static func line(of file: URL) -> String? {
    (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n").first.map(String.init)
  }
}

extension String {
  fileprivate func suffix(after beginning: String) -> String? {
    hasPrefix(beginning) ? String(dropFirst(beginning.count)) : nil
  }
}
