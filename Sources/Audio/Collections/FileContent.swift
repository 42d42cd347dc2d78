import Files

/// The content of an audio file as it was when it was read.
public struct FileContent: Sendable, Equatable {
  /// The `ContentHash` of its bytes.
  public var hash: UInt64
  /// The size and the time of change at that moment.
  package var stamp: FileStamp

  package init(hash: UInt64, stamp: FileStamp) { (self.hash, self.stamp) = (hash, stamp) }
}
