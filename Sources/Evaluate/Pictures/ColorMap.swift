/// 256 colours for values from least to greatest, straight between a few fixed ones.
struct ColorMap {
  struct Color: Equatable {
    var red: UInt8
    var green: UInt8
    var blue: UInt8
  }

  let palette: [Color]

  /// - Parameter stops: Colours at equal distances, `0xRRGGBB`.
  private init(_ stops: [Int]) {
    palette = (0..<256).map { index in
      let place = Double(index) / 255 * Double(stops.count - 1)
      let stop = min(Int(place), stops.count - 2)
      func channel(_ shift: Int) -> UInt8 {
        let (low, high) = (stops[stop] >> shift & 0xFF, stops[stop + 1] >> shift & 0xFF)
        return UInt8((Double(low) + (place - Double(stop)) * Double(high - low)).rounded())
      }
      return Color(red: channel(16), green: channel(8), blue: channel(0))
    }
  }

  /// From black through violet to pale yellow, with even steps of lightness: for amounts.
  ///
  /// Source: N. Smith's and S. van der Walt's `magma` (CC0): seventeen of its 256 colours, from which
  /// the others are within 1 %.
  static let magma = ColorMap([
    0x000004, 0x0A0822, 0x1D1146, 0x36106A, 0x50127C, 0x691C81, 0x822681, 0x9C2E7F, 0xB63779,
    0xCF4170, 0xE65163, 0xF5695C, 0xFB8761, 0xFEA571, 0xFEC387, 0xFDE0A2, 0xFCFDBF,
  ])

  /// From blue through white to red: for deviations from a middle.
  ///
  /// Source: C. Brewer's `RdBu` of eleven classes, reversed.
  static let blueRed = ColorMap([
    0x053061, 0x2166AC, 0x4393C3, 0x92C5DE, 0xD1E5F0, 0xF7F7F7, 0xFDDBC7, 0xF4A582, 0xD6604D,
    0xB2182B, 0x67001F,
  ])
}
