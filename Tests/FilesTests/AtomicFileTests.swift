import Files
import Foundation
import Tensor
import TestSupport
import Testing

/// Files that appear whole or not at all, wherever the path leads.
@Suite struct AtomicFileTests {
  private func write(_ text: String, to name: String, in folder: TestFolder) throws {
    try AtomicFile.write(Data(text.utf8), to: folder.url.appendingPathComponent(name))
  }

  @Test func aLinkStaysAndItsFileKeepsItsPermissions() throws {
    let folder = try TestFolder()
    try write("old", to: "real", in: folder)
    chmod(folder.path("real"), 0o640)
    symlink("real", folder.path("link"))
    symlink("new", folder.path("dangling"))
    try write("first", to: "link", in: folder)
    try write("second", to: "dangling", in: folder)

    #expect(try folder.text(of: "real") == "first")
    #expect(try folder.text(of: "new") == "second")
    var status = stat()
    #expect(stat(folder.path("real"), &status) == 0 && status.st_mode & 0o777 == 0o640)
    for name in ["link", "dangling"] {
      #expect(lstat(folder.path(name), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    }
    #expect(try folder.names == ["dangling", "link", "new", "real"])
  }

  @Test func aPipeIsWrittenIntoAndStays() throws {
    let folder = try TestFolder()
    #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
    // Open at both ends, so that neither waits.
    let descriptor = open(folder.path("pipe"), O_RDWR)
    defer { close(descriptor) }
    try write("through", to: "pipe", in: folder)
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = read(descriptor, &bytes, bytes.count)
    #expect(String(decoding: bytes.prefix(count), as: UTF8.self) == "through")
    var status = stat()
    #expect(lstat(folder.path("pipe"), &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)

    let url = folder.url.appendingPathComponent("pipe")
    #expect {
      try AtomicFile.write(to: url, seeking: true) { _ in }
    } throws: {
      "\($0)" == "\(url.path): is a pipe or a device, which cannot hold this format; name a file"
    }
  }

  @Test func whatCannotBeWrittenSaysWhy() throws {
    let folder = try TestFolder()
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("folder"), withIntermediateDirectories: true)
    symlink("loop", folder.path("loop"))
    for (name, reason) in [
      ("folder", "is a folder; name a file"),
      ("no/file", "cannot be written: no such file or folder; make its folder first"),
      (
        "loop",
        "cannot be written: too many levels of symbolic links; choose another place or change its "
          + "permissions"
      ),
    ] {
      #expect {
        try write("x", to: name, in: folder)
      } throws: {
        "\($0)" == "\(folder.path(name)): \(reason)"
      }
    }
  }

  @Test func whatFailsLeavesTheOldFileAndNothingElse() throws {
    struct Failure: Error {}
    let folder = try TestFolder()
    try write("old", to: "file", in: folder)
    #expect(throws: Failure.self) {
      try AtomicFile.write(to: folder.url.appendingPathComponent("file")) { file in
        try file.write(contentsOf: Data("half".utf8))
        throw Failure()
      }
    }
    #expect(try folder.text(of: "file") == "old" && folder.names == ["file"])
  }

  /// The limit of a file's size stands for a full disk, which only root can make.
  @Test func aFileThatFindsNoRoom() async throws {
    let result = try await #require(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      let folder = try TestFolder()
      try AtomicFile.write(Data("old".utf8), to: folder.url.appendingPathComponent("file"))
      limitFileSize(to: 10_000)
      do {
        try AtomicFile.write(
          Data(count: 20_000), to: folder.url.appendingPathComponent("file"))
      } catch {
        FileHandle.standardError.write(Data("\(error), \(try folder.names)".utf8))
      }
    }
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(text.contains("file: cannot be written: file too large"), "\(text)")
    #expect(text.contains("raise the limit of a file's size (ulimit -f)"), "\(text)")
    #expect(text.contains("[\"file\"]") && !text.contains("Error Domain"), "\(text)")
  }

  @Test func saysHowMuchRoomIsMissing() {
    let sizes = [
      (1, "1 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (2_500_000, "2.5 MB"),
      (3_000_000_000, "3.0 GB"),
    ]
    for (missing, words) in sizes {
      let error = FileError.unwritable(path: "a.npy", code: ENOSPC, missing: missing)
      #expect(
        error.description == "a.npy: cannot be written: the disk is full, \(words) are missing; "
          + "make room or choose another disk")
    }
  }
}

/// What is there, what is not, and what cannot be looked at.
@Suite struct PresenceTests {
  @Test func absentAndUnreadableAreDifferent() throws {
    let folder = try TestFolder()
    try AtomicFile.write(Data("text".utf8), to: folder.url.appendingPathComponent("file"))
    symlink("/nowhere/at/all", folder.path("link"))
    #expect(try Presence.names(in: folder.url.appendingPathComponent("absent")) == nil)
    #expect(try Presence.names(in: folder.url.appendingPathComponent("file/inside")) == nil)
    #expect(try Presence.names(in: folder.url)?.sorted() == ["file", "link"])
    #expect(try Presence.content(of: folder.url.appendingPathComponent("absent")) == nil)
    #expect(
      try Presence.content(of: folder.url.appendingPathComponent("file")) == Data("text".utf8))
    for (name, reason) in [
      ("link", "is a link to nothing; is the disk that it leads to mounted?"),
      ("file", "is not a folder; move it away"),
    ] {
      #expect {
        _ = try Presence.names(in: folder.url.appendingPathComponent(name))
      } throws: {
        "\($0)" == "\(folder.path(name)): \(reason)"
      }
    }
  }

  /// Between two looks at a path a file may come and go: it is there or not, and never a link to nothing.
  @Test func aFileThatComesAndGoesIsNoLinkToNothing() throws {
    let folder = try TestFolder()
    let path = folder.path("log")
    let group = DispatchGroup()
    group.enter()
    Thread.detachNewThread {
      for _ in 0..<20_000 {
        close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666))
        unlink(path)
      }
      group.leave()
    }
    var seen: Set<Presence.Kind?> = []
    while group.wait(timeout: .now()) == .timedOut { seen.insert(try Presence.kind(of: path)) }
    #expect(seen.isSubset(of: [nil, .file]))
  }
}
