import Foundation
import Models
import Train

extension Comparison {
  /// The recipes hold together, and each run has a folder of its own in that of the comparison.
  func checkRecipes() throws {
    var known: [String: Recipe] = [:]
    for case .recipe(let recipe) in contenders {
      try recipe.check()
      for run in trainings(of: .recipe(recipe)).map(\.recipe) {
        for run in Stages(of: run, in: folder).recipes + [run] {
          if let other = known.updateValue(run, forKey: run.name), other != run {
            throw ComparisonError.twoRecipes(run.name)
          }
        }
      }
    }
  }

  /// Makes the folder, and finds out now whether the report can be written.
  func prepareFolder() throws {
    let files = FileManager.default
    do {
      try files.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ComparisonError.folder(folder.path, reason: error.localizedDescription)
    }
    guard files.isWritableFile(atPath: folder.path) else {
      throw ComparisonError.folder(folder.path, reason: "cannot be written into")
    }
    for name in ["report.html", "report.md", "report.json"] {
      var isFolder: ObjCBool = false
      let path = folder.appendingPathComponent(name).path
      if files.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
        throw ComparisonError.folder(path, reason: "a folder has the name of a report")
      }
    }
  }
}
