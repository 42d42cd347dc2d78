import Foundation
import Testing

/// What is printed and cannot be written makes the command fail.
@Suite(.enabled(if: BuiltCommand.isThere, "the command is not built"))
struct StandardOutputTests {
  @Test(arguments: ["info", "info --json", "--help", "plan --help"])
  func aFullDisk(verb: String) throws {
    let (code, errors) = try BuiltCommand.run("$ETUDE \(verb) > /dev/full")
    #expect(code == 1)
    #expect(
      errors == "Error: standard output: cannot be written: the disk is full; make room or choose "
        + "another disk\n")
  }

  /// With SIGPIPE ignored, as some shells and schedulers start their jobs.
  @Test func aReaderThatEnds() throws {
    let (code, errors) = try BuiltCommand.run(
      "trap '' PIPE; { sleep 0.2; $ETUDE info; echo $? >&2; } | true")
    #expect(code == 0)
    #expect(
      errors
        == "Error: standard output: cannot be written: broken pipe; read it to its end\n1\n")
  }

  /// Nobody hears it, which is no reason to fail.
  @Test func errorsThatNobodyReads() throws {
    #expect(try BuiltCommand.run("$ETUDE info --nonsense 2> /dev/full").code == 64)
  }

  /// A place that cannot take the result is named before the work that would be lost: nothing else that
  /// these commands are given exists.
  @Test(arguments: [
    "embed --model nowhere gone.wav", "features mfcc39 gone.wav", "features mfcc39 gone/",
    "features plot mel gone.wav",
  ])
  func theOutputIsCheckedFirst(verb: String) throws {
    let ending = verb.contains("plot") ? "svg" : verb.hasSuffix("/") ? "h5" : "npy"
    let (code, errors) = try BuiltCommand.run("$ETUDE \(verb) --out /nowhere/x.\(ending)")
    #expect(code == 1)
    #expect(
      errors == "Error: /nowhere/x.\(ending): cannot be written: no such file or folder; make its "
        + "folder first\n")
  }
}
