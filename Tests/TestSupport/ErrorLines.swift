import Testing

/// Fails unless `body` throws an error that is one line with all of these parts.
public func expectError(
  _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation,
  when body: () throws -> Void
) {
  let error = #expect(throws: (any Error).self, sourceLocation: sourceLocation) { try body() }
  let text = error.map { "\($0)" } ?? ""
  for part in parts where !part.isEmpty {
    #expect(text.contains(part), "got: \(text)", sourceLocation: sourceLocation)
  }
  #expect(!text.contains("Error Domain"), "got: \(text)", sourceLocation: sourceLocation)
  #expect(
    text.split(whereSeparator: { $0.isNewline }).count == 1, sourceLocation: sourceLocation)
}

/// What `body` complains of.
public func complaint(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}
