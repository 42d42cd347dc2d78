import Files
import Foundation
import Tensor
import TestSupport
import Testing

@Suite struct FolderLockTests {
  private func expectBusy(
    _ folder: URL, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let process = ProcessInfo.processInfo
    #expect(sourceLocation: sourceLocation) {
      _ = try FolderLock(folder)
    } throws: {
      "\($0)"
        == "\(folder.path): another process works here (process \(process.processIdentifier) on "
        + "\(process.hostName)); wait until it has ended, or choose another place"
    }
  }

  @Test func oneAtATime() throws {
    let folder = try TestFolder()
    let inner = folder.url.appendingPathComponent("new/run")
    try FolderLock.hold(inner) { lock in
      #expect(!lock.isMissing)
      expectBusy(inner)
      _ = try FolderLock(folder.url)
    }
    try FolderLock.hold(inner) { _ in expectBusy(inner) }
  }

  /// Looking at a lock neither makes one nor keeps others from it.
  @Test func whoLooksHoldsNothing() async throws {
    let folder = try TestFolder()
    #expect(!FolderLock.isHeld(folder.url))
    #expect(try folder.names.isEmpty)
    try FolderLock.hold(folder.url) { _ in #expect(FolderLock.isHeld(folder.url)) }
    // A process that another test starts shares the lock until it runs its own program.
    #expect((0..<500).contains { _ in !FolderLock.isHeld(folder.url) || usleep(10_000) != 0 })

    let url = folder.url
    let watching = Task.detached {
      while !Task.isCancelled { _ = FolderLock.isHeld(url) }
    }
    for _ in 0..<300 { try FolderLock.hold(url) { _ in } }
    watching.cancel()
  }

  /// Its owner may remove the folder with the lock in it; the next one makes its own.
  @Test func aFolderThatIsRemovedMeanwhile() throws {
    let folder = try TestFolder()
    let inner = folder.url.appendingPathComponent("run")
    let first = try FolderLock(inner)
    try FileManager.default.removeItem(at: inner)
    let second = try FolderLock(inner)
    expectBusy(inner)
    withExtendedLifetime((first, second)) {}
  }

  /// However a process ends, its lock ends with it.
  @Test func theDeadHoldNothing() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) {
      let path = FileManager.default.temporaryDirectory.appendingPathComponent(
        "etude-lock-of-\(getppid())")
      _ = Unmanaged.passRetained(try FolderLock(path))
      kill(getpid(), SIGKILL)
    }
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "etude-lock-of-\(getpid())")
    defer { try? FileManager.default.removeItem(at: path) }
    #expect(FileManager.default.fileExists(atPath: path.appendingPathComponent(".lock").path))
    try FolderLock.hold(path) { _ in }
  }
}

/// A folder that appears whole or not at all.
@Suite struct AtomicFolderTests {
  @Test func replacesAsAWhole() throws {
    let folder = try TestFolder()
    let url = folder.url.appendingPathComponent("step-1")
    for text in ["first", "second"] {
      try AtomicFolder.write(to: url) { partial in
        try AtomicFile.write(Data(text.utf8), to: partial.appendingPathComponent(text))
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: url.path) == [text])
      #expect(try folder.names == ["step-1"])
    }
  }

  @Test func whatFailsLeavesTheOldFolderAndNothingElse() throws {
    struct Failure: Error {}
    let folder = try TestFolder()
    let url = folder.url.appendingPathComponent("step-1")
    try AtomicFolder.write(to: url) { partial in
      try AtomicFile.write(Data("old".utf8), to: partial.appendingPathComponent("old"))
    }
    #expect(throws: Failure.self) {
      try AtomicFolder.write(to: url) { partial in
        try AtomicFile.write(Data("new".utf8), to: partial.appendingPathComponent("new"))
        throw Failure()
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: url.path) == ["old"])
    #expect(try folder.names == ["step-1"])
  }
}
