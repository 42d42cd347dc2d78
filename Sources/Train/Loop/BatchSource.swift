/// Where a trainer's batches come from. A batch is a function of its number.
public protocol BatchSource<Batch>: Sendable {
  /// What one pass learns from.
  associatedtype Batch: Sendable
  /// The global numbers of the samples of a batch, which is counted over all steps.
  func samples(ofBatch number: Int) -> Range<Int>
  /// A batch by its number.
  /// - Throws: If its audio cannot be read any more.
  func batch(_ number: Int) throws -> Batch
  /// The files that the samples of some batches are cut from, each once.
  func files(ofBatches batches: Range<Int>) -> [String]
  /// The samples in which the collection is gone through once; nil if there is no such number.
  var samplesPerEpoch: Int? { get }
}

extension BatchSource {
  /// There is no such number.
  public var samplesPerEpoch: Int? { nil }
}
