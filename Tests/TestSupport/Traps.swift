import Testing

/// Fails unless a process that stopped on a programmer's mistake printed these words: any crash ends a
/// process, only the right one says so.
///
/// - Parameter result: Of `#expect(processExitsWith: .failure, observing: [\.standardErrorContent])`.
public func expectWords(
  _ words: String, in result: ExitTest.Result?, sourceLocation: SourceLocation = #_sourceLocation
) {
  let printed = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  #expect(printed.contains(words), sourceLocation: sourceLocation)
}
