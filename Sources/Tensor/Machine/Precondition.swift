/// Stops the process with a message unless the condition holds: for programming errors.
///
/// Replaces the standard library's function, which drops its message in optimised builds. The
/// message names the shapes that do not fit, which is needed there too.
@inlinable @inline(__always)
package func precondition(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String = String(),
  file: StaticString = #file, line: UInt = #line
) {
  if !condition() { fatalError(message(), file: file, line: line) }
}

/// Stops the process with a message: for programming errors. Replaces the standard library's
/// function, as `precondition` does.
@inlinable
package func preconditionFailure(
  _ message: @autoclosure () -> String = String(), file: StaticString = #file, line: UInt = #line
) -> Never {
  fatalError(message(), file: file, line: line)
}
