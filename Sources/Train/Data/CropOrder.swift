/// Which crop each sample of a run is.
///
/// Without shares an epoch visits every crop once. With shares every thousand samples hold a fixed number of each
/// collection, in an order of their own, and each collection has its own epochs.
struct CropOrder: Sendable {
  private let parts: [Part]
  /// The places of a thousand samples; nil without shares.
  private let mixture: (any ItemOrder)?
  private static let mixtureLength = 1_000

  /// The crops of one collection.
  private struct Part {
    /// Its items, among those of all collections.
    var items: Range<Int>
    var order: any ItemOrder
    /// Its places in a thousand samples.
    var places: Range<Int>

    /// The item of the collection's own sample of a number.
    func item(number: Int) -> Int {
      let (epoch, place) = number.quotientAndRemainder(dividingBy: items.count)
      return items.lowerBound + order.item(at: place, ofEpoch: epoch)
    }
  }

  /// - Parameters:
  ///   - ends: For every file how many crops there are up to its end.
  ///   - shares: Collections with weights; empty if every crop comes once an epoch.
  ///   - kind: How orders are drawn.
  ///   - seed: Decides all of them.
  ///   - cropSeconds: The length of a crop, for an error.
  /// - Throws: `RunError.noData` if a collection has no crop.
  init(
    ends: [Int], shares: [CropShare], _ kind: EpochOrder, seed: UInt64, cropSeconds: Double
  ) throws {
    guard !shares.isEmpty else {
      let all = 0..<ends.last!
      parts = [Part(items: all, order: kind.drawn(count: all.count, seed: seed), places: 0..<1)]
      mixture = nil
      return
    }
    mixture = EpochOrder.keyed.drawn(count: Self.mixtureLength, seed: ~seed)
    var (parts, start): ([Part], Int) = ([], 0)
    for (share, count) in zip(shares, shares.counts(of: Self.mixtureLength)) {
      let items = share.items(ends)
      guard !items.isEmpty else { throw RunError.noData(share.name, seconds: cropSeconds) }
      let seed = seed &+ 0x9E37_79B9_7F4A_7C15 &* UInt64(parts.count)
      parts.append(
        Part(
          items: items, order: kind.drawn(count: items.count, seed: seed),
          places: start..<start + count))
      start += count
    }
    self.parts = parts
  }

  /// The item that a sample is.
  func item(ofSample sample: Int) -> Int {
    guard let mixture else { return parts[0].item(number: sample) }
    let (block, place) = sample.quotientAndRemainder(dividingBy: Self.mixtureLength)
    let drawn = mixture.item(at: place, ofEpoch: block)
    let part = parts.first { $0.places.contains(drawn) }!
    return part.item(number: block * part.places.count + drawn - part.places.lowerBound)
  }
}

/// The share of a collection in the crops of a run.
public struct CropShare: Sendable, Equatable {
  /// The collection's name.
  public var name: String
  /// Its files.
  public var files: Range<Int>
  /// Its share, relative to the others.
  public var weight: Double

  /// The share of some files.
  public init(name: String, files: Range<Int>, weight: Double) {
    (self.name, self.files, self.weight) = (name, files, weight)
  }

  /// - Parameter ends: For every file how many crops there are up to its end.
  fileprivate func items(_ ends: [Int]) -> Range<Int> {
    guard !files.isEmpty else { return 0..<0 }
    return (files.lowerBound == 0 ? 0 : ends[files.lowerBound - 1])..<ends[files.upperBound - 1]
  }
}

extension [CropShare] {
  /// `total` things in proportion to the weights, at least one for each; what is left over goes to the greatest
  /// remainders.
  fileprivate func counts(of total: Int) -> [Int] {
    let sum = reduce(0) { $0 + $1.weight }
    let exact = map { $0.weight / sum * Double(total) }
    var counts = exact.map { Swift.max(1, Int($0)) }
    let order = indices.sorted { exact[$0] - Double(counts[$0]) > exact[$1] - Double(counts[$1]) }
    for number in 0..<Swift.max(0, total - counts.reduce(0, +)) {
      counts[order[number % count]] += 1
    }
    // Those of at least one may be too many.
    while counts.reduce(0, +) > total {
      counts[counts.indices.max { counts[$0] < counts[$1] }!] -= 1
    }
    return counts
  }
}
