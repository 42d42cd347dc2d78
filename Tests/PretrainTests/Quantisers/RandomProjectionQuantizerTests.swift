import Models
import Pretrain
import Tensor
import TestSupport
import Testing

/// Frozen random projections against PyTorch, with the statistics of a frame and of a collection.
@Suite struct RandomProjectionQuantizerTests {
  private static let golden = Result { try TestSupport.golden("quantisers").under("rp") }

  @Test(arguments: ["collection", "frame"])
  func codesAreThoseOfPyTorch(standardization: String) throws {
    let golden = try Self.golden.get()
    let state = golden.filter { name, _ in
      name.hasPrefix("books.") || standardization == "collection" && name.hasPrefix("statistics.")
    }
    let codes = try RandomProjectionQuantizer(state: state).codes(of: golden["frames"]!).integers
    for book in 0..<2 {
      let expected = golden["codes.\(standardization).\(book)"]!.integers
      #expect(stride(from: book, to: codes.count, by: 2).map { codes[$0] } == expected)
    }
  }

  /// Statistics of the frames are those that PyTorch computes.
  @Test func statisticsOfFrames() throws {
    let golden = try Self.golden.get()
    let statistics = try FrameStatistics(of: golden["frames"]!)
    expectClose(statistics.mean, golden["statistics.mean"]!)
    expectClose(statistics.deviation, golden["statistics.deviation"]!)
  }

  /// All channels together: the mean of 0, 5, 4, 5, 8, 8 is 5, their variance 44 / 6.
  @Test func pooledStatistics() throws {
    let statistics = try FrameStatistics(pooling: Tensor([0, 5, 4, 5, 8, 8], shape: [3, 2]))
    expectClose(statistics.mean, Tensor([5, 5]))
    expectClose(statistics.deviation, .full([2], Float(44.0 / 6).squareRoot()))
  }

  /// A band without sound in the collection would make a frame with sound there infinitely far.
  @Test func aChannelWithoutVariationIsNotDividedByZero() throws {
    let statistics = try FrameStatistics(of: Tensor([0, 5, 4, 5, 8, 5], shape: [3, 2]))
    let x = statistics(Tensor([4, 6], shape: [1, 2])).scalars
    #expect(x[0] == 0 && x[1] > 1 && x[1] < 100, "\(x)")
  }

  /// Its state is all that it needs.
  @Test(arguments: [true, false]) func theStateIsTheQuantiser(hasStatistics: Bool) throws {
    let frames = Tensor.normal([30, 5], seed: 1) * 2 + 3
    let quantizer = RandomProjectionQuantizer(
      width: 5, codebooks: 3, codes: 9, projectedWidth: 4,
      statistics: hasStatistics ? try FrameStatistics(of: frames) : nil, seed: 7)
    #expect(quantizer.codebookSizes == [9, 9, 9] && quantizer.width == 5)
    #expect(quantizer.parameters.isEmpty)
    let state = Dictionary(uniqueKeysWithValues: quantizer.state.map { ($0.path, $0.tensor) })
    let again = try RandomProjectionQuantizer(state: state)
    let codes = again.codes(of: frames).integers
    #expect(codes == quantizer.codes(of: frames).integers)
    #expect(Set(stride(from: 0, to: 90, by: 3).map { codes[$0] }).count > 3)
  }
}
