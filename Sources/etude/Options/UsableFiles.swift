import Audio
import Foundation
import Models
import Tensor

/// What is made of each file that a user names, without those that cannot be used: these are named on
/// standard error. One file alone that cannot be used is an error, and so are several of which none can.
///
/// - Returns: The results, and how many files were left out.
func usable<Result>(
  _ files: [String], _ make: (String) throws -> Result
) throws -> (made: [(path: String, result: Result)], leftOut: Int) {
  var made: [(path: String, result: Result)] = []
  var leftOut: [Manifest.Skipped] = []
  for file in files {
    do {
      made.append((file, try make(file)))
    } catch  where files.count > 1 {
      guard let reason = ownReason(of: error) else { throw error }
      leftOut.append(Manifest.Skipped(path: file, reason: reason))
      note(leftOut.last!.description)
    }
  }
  guard !made.isEmpty else {
    throw AudioError.nothingUsable(path: "\(files.count) files", skipped: leftOut)
  }
  return (made, leftOut.count)
}

/// The same with files on all cores, one on each.
///
/// - Parameters:
///   - files: What the user names.
///   - progress: Called with how many files are done.
///   - make: Called on several threads at once.
func usableOnAllCores<Result>(
  _ files: [String], progress: ProgressHandler, _ make: (String) throws -> Result
) throws -> (made: [(path: String, result: Result)], leftOut: Int) {
  let outcomes = try withoutActuallyEscaping(progress) { progress in
    try Cores.map(files.count, progress: progress) { i in
      do {
        return Swift.Result<Result, any Error>.success(try make(files[i]))
      } catch  where ownReason(of: error) != nil {
        return .failure(error)
      }
    }
  }
  var next = outcomes.makeIterator()
  return try usable(files) { _ in try next.next()!.get() }
}

/// What is wrong with a file, if an error is about one file alone.
private func ownReason(of error: any Error) -> String? {
  switch error {
  case let error as AudioError: error.reason
  case ModelError.file(_, let problem): problem
  default: nil
  }
}
