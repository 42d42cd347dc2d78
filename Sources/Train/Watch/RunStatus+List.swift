import Files
import Foundation

extension RunStatus {
  /// The runs in a folder and below it, by name; the stages of a run among them. Links are not followed.
  ///
  /// A folder is a run if it holds `recipe.yaml`, `run.json` or `log.jsonl`; others are passed over.
  ///
  /// - Parameter folder: Where to look.
  /// - Throws: `FileError` if there is no such folder, or it cannot be listed.
  public static func list(below folder: URL) throws -> [RunStatus] {
    guard let names = try Presence.names(in: folder) else {
      throw FileError.unreadable(path: folder.path, code: ENOENT)
    }
    return list(folder, names, name: "")
  }

  private static func list(_ folder: URL, _ names: [String], name: String) -> [RunStatus] {
    let isRun = !Set(names).isDisjoint(with: marks(of: folder))
    let own =
      isRun ? [RunStatus(of: folder, name: name.isEmpty ? folder.lastPathComponent : name)] : []
    let inner = isRun ? names.filter { $0 == folder.stages.lastPathComponent } : names
    return own
      + inner.sorted().flatMap { inner in
        list(
          folder.appendingPathComponent(inner), name: name.isEmpty ? inner : "\(name)/\(inner)")
      }
  }

  /// A folder below; one that cannot be listed may be a run and is named.
  private static func list(_ folder: URL, name: String) -> [RunStatus] {
    guard folder.isFolder, !folder.lastPathComponent.hasPrefix(".") else { return [] }
    do {
      return list(folder, try Presence.names(in: folder) ?? [], name: name)
    } catch {
      return [RunStatus(name: name, state: .damaged, reason: "\(error)")]
    }
  }

  private static func marks(of folder: URL) -> [String] {
    [folder.recipeFile, folder.informationFile, folder.logFile].map(\.lastPathComponent)
  }
}

extension URL {
  /// Whether it is a folder, and no link to one.
  fileprivate var isFolder: Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
