import Tensor
import Testing

@Suite struct DifferencesTests {
  static let expected = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])

  @Test func equalTensorsHaveNone() {
    #expect(Self.expected.differences(from: Self.expected, relative: 0) == nil)
    #expect((Self.expected * 1.0001).differences(from: Self.expected, relative: 2e-4) == nil)
    #expect(
      (Self.expected + 0.01).differences(from: Self.expected, relative: 0, absolute: 0.02) == nil)
    let infinite = Tensor([.infinity, -.infinity])
    #expect(infinite.differences(from: infinite) == nil)
    let rounded = Self.expected.cast(to: .bfloat16)
    #expect(rounded.differences(from: Self.expected, relative: 0) == nil)
    #expect(Tensor.zeros([0]).differences(from: .zeros([0])) == nil)
  }

  @Test func theWorstIsNamed() throws {
    let expected = Tensor([3, 0, 0, 4], shape: [2, 2])
    let actual = Tensor([3, 0, 1.5, 6], shape: [2, 2])
    let found = try #require(actual.differences(from: expected, absolute: 0.1))
    #expect(
      found.description == """
        2 of 4 elements of [2, 2] differ, worst at [1, 1]: 6.0 for 4.0; relative norm of the \
        difference 0.5
        """)
  }

  /// NaN and infinity are worse than any number, and agree with nothing but the same infinity.
  @Test(
    arguments: [
      ([1, .nan], [1, .nan]), ([9, .nan], [1, 2]), ([9, 1], [1, .infinity]),
      ([9, -.infinity], [1, .infinity]),
    ] as [([Float], [Float])])
  func notANumberIsTheWorst(actual: [Float], expected: [Float]) throws {
    let found = try #require(Tensor(actual).differences(from: Tensor(expected), relative: 0.5))
    guard case .elements(let elements) = found else { throw Unexpected() }
    #expect(elements.worst == [1])
  }

  @Test func shapesAndTypesComeFirst() throws {
    let reshaped = try #require(Self.expected.reshaped([3, 2]).differences(from: Self.expected))
    #expect(reshaped.description == "shapes differ, [3, 2] for [2, 3]")
    let integers = try #require(Tensor([Int32(1)]).differences(from: Tensor([1])))
    #expect(integers.description == "types differ, int32 for float32")
  }

  @Test func integersAreCompared() throws {
    let found = try #require(
      Tensor([Int32(1), 1 << 30]).differences(from: Tensor([Int32(1), 1 << 30 + 1]), relative: 0))
    guard case .elements(let elements) = found else { throw Unexpected() }
    #expect(elements.count == 1)
  }

  struct Unexpected: Error {}
}
