extension Tensor {
  /// Drops the copies of the numbers in other types and layouts, which passes without gradients cache beside a weight. They
  /// are made again where they are needed; results do not change.
  package func dropCachedCopies() { storage.dropCopies() }
}
