import Tensor
import Testing

@Suite struct DescriptionTests {
  @Test func wholeNumbersStandInColumns() {
    let x = Tensor([1, 2, 3, -4, 50, 6], shape: [2, 3])
    #expect(x.description == "Tensor [2, 3] float32\n[[ 1,  2,  3],\n [-4, 50,  6]]")
    #expect(Tensor([Int32(7), -1]).description == "Tensor [2] int32\n[ 7, -1]")
  }

  @Test func othersHaveFourDecimalsOrAnExponent() {
    let x = Tensor([0.5, -1.25])
    #expect(x.description == "Tensor [2] float32\n[ 0.5000, -1.2500]")
    #expect(
      x.cast(to: .bfloat16).description == "Tensor [2] bfloat16\n[ 0.5000, -1.2500]")
    #expect(
      Tensor([1e-6, 2.5]).description == "Tensor [2] float32\n[1.0000e-06, 2.5000e+00]")
  }

  @Test func whatIsNoNumberIsSaid() {
    let x = Tensor([.nan, .infinity, -.infinity, 1])
    #expect(x.description == "Tensor [4] float32\n[ nan,  inf, -inf,    1]")
  }

  @Test func scalarsAndNothing() {
    #expect(Tensor(3.5).description == "Tensor [] float32\n3.5000")
    #expect(Tensor.zeros([0]).description == "Tensor [0] float32\n[]")
    #expect(Tensor.zeros([2, 0]).description == "Tensor [2, 0] float32\n[[],\n []]")
    #expect(Tensor.zeros([0, 1 << 40]).description == "Tensor [0, 1099511627776] float32\n[]")
  }

  @Test func matricesStandApart() {
    let x = Tensor([1, 2, 3, 4], shape: [2, 2, 1])
    #expect(x.description == "Tensor [2, 2, 1] float32\n[[[1],\n  [2]],\n\n [[3],\n  [4]]]")
  }

  /// Above a thousand elements, the ends of each axis; a part is numbered within its own tensor.
  @Test func largeTensorsAreShortened() {
    let x = Tensor((0..<2000).map(Float.init), shape: [20, 100])[1...]
    #expect(
      x.description == """
        Tensor [19, 100] float32
        [[ 100,  101,  102, ...,  197,  198,  199],
         [ 200,  201,  202, ...,  297,  298,  299],
         [ 300,  301,  302, ...,  397,  398,  399],
         ...,
         [1700, 1701, 1702, ..., 1797, 1798, 1799],
         [1800, 1801, 1802, ..., 1897, 1898, 1899],
         [1900, 1901, 1902, ..., 1997, 1998, 1999]]
        """)
    #expect(Tensor.zeros([1 << 20]).description.count < 60)
  }

  @Test func aSummaryIsOneLine() {
    let x = Tensor([1, 2, .nan, 6, .infinity], shape: [5]).tracked()
    #expect(
      x.debugDescription
        == "Tensor [5] float32, 1 to 6, mean 3, 1 NaN, 1 infinite, tracked")
    #expect(Tensor.zeros([0, 3]).debugDescription == "Tensor [0, 3] float32")
    #expect(Tensor([Int32(1), 4]).debugDescription == "Tensor [2] int32, 1 to 4, mean 2.5")
  }
}
