/// Stops the process with a message unless the condition holds: a programmer's mistake.
///
/// In place of the standard library's, whose message is left out of optimised builds; which shapes did
/// not fit is worth as much there.
@inlinable @inline(__always)
package func precondition(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String = String(),
  file: StaticString = #file, line: UInt = #line
) {
  if !condition() { fatalError(message(), file: file, line: line) }
}

/// Stops the process with a message: a programmer's mistake. In place of the standard library's for the
/// same reason.
@inlinable
package func preconditionFailure(
  _ message: @autoclosure () -> String = String(), file: StaticString = #file, line: UInt = #line
) -> Never {
  fatalError(message(), file: file, line: line)
}
