import Foundation

extension Tensor: CustomStringConvertible {
  /// Shape, type and numbers, as NumPy lays them out:
  ///
  /// ```
  /// Tensor [2, 3] float32
  /// [[1, 2, 3],
  ///  [4, 5, 6]]
  /// ```
  ///
  /// Of more than 1,000 elements, only the first and last three along each axis are shown.
  public var description: String { "Tensor \(shape) \(dtype)\n\(NumberTable(of: self).text)" }
}

extension Tensor: CustomDebugStringConvertible {
  /// A summary in one line: shape, type, least, greatest and mean number, the number of elements
  /// that are NaN or infinite, and whether the tensor is tracked.
  public var debugDescription: String {
    let numbers = (0..<elementCount).map { Double(number(at: $0)) }
    let finite = numbers.filter(\.isFinite)
    var parts = ["Tensor \(shape) \(dtype)"]
    if let least = finite.min(), let greatest = finite.max() {
      let mean = finite.reduce(0, +) / Double(finite.count)
      parts.append(String(format: "%g to %g, mean %g", least, greatest, mean))
    }
    let nan = numbers.count { $0.isNaN }
    let infinite = numbers.count - finite.count - nan
    if nan > 0 { parts.append("\(nan) NaN") }
    if infinite > 0 { parts.append("\(infinite) infinite") }
    if isTracked { parts.append("tracked") }
    return parts.joined(separator: ", ")
  }
}

extension Tensor {
  /// One element by its row-major index, in a type that holds the numbers of every element type.
  fileprivate func number(at index: Int) -> Double {
    switch dtype {
    case .float32: read(as: Float.self) { Double($0[index]) }
    case .bfloat16: read(as: BFloat16.self) { Double($0[index].float) }
    case .int32: read(as: Int32.self) { Double($0[index]) }
    }
  }
}

/// The text of a tensor's numbers in nested brackets, all of the same width.
private struct NumberTable {
  let tensor: Tensor
  let strides: [Int]
  /// The number of positions shown at either end of an axis; nil shows all.
  let margin: Int?
  let format: NumberFormat

  init(of tensor: Tensor) {
    self.tensor = tensor
    strides = rowMajorStrides(Array(tensor.shape))
    let isLarge = tensor.elementCount > 1000 || tensor.shape.contains { $0 > 1000 }
    margin = isLarge ? 3 : nil
    var offsets = [0]
    for (length, stride) in zip(tensor.shape, strides) {
      let shown = Self.positions(length, margin: margin).compactMap(\.self)
      offsets = offsets.flatMap { offset in shown.map { offset + $0 * stride } }
    }
    format = NumberFormat(for: offsets.map { tensor.number(at: $0) })
  }

  var text: String { text(axis: 0, offset: 0) }

  private func text(axis: Int, offset: Int) -> String {
    if axis == tensor.rank { return format.text(tensor.number(at: offset)) }
    let parts = Self.positions(tensor.shape[axis], margin: margin).map { position in
      position.map { text(axis: axis + 1, offset: offset + $0 * strides[axis]) } ?? "..."
    }
    return "[" + parts.joined(separator: separator(axis)) + "]"
  }

  /// Rows are separated by one line break, matrices by two, stacks of matrices by three.
  private func separator(_ axis: Int) -> String {
    if axis == tensor.rank - 1 { return ", " }
    let lines = String(repeating: "\n", count: tensor.rank - axis - 1)
    return "," + lines + String(repeating: " ", count: axis + 1)
  }

  /// The positions shown of an axis; nil stands for the positions left out.
  private static func positions(_ length: Int, margin: Int?) -> [Int?] {
    guard let margin, length > 2 * margin else { return Array(0..<length) }
    return Array(0..<margin) + [nil] + Array(length - margin..<length)
  }
}

/// The format of numbers that are shown together: as whole numbers if all are, else with four
/// decimals, or with an exponent if some are very large or very small.
private struct NumberFormat {
  private let format: String
  private let width: Int

  init(for numbers: [Double]) {
    let sizes = numbers.filter { $0.isFinite && $0 != 0 }.map(abs)
    let (least, greatest) = (sizes.min() ?? 1, sizes.max() ?? 1)
    let isWhole = sizes.allSatisfy { $0 == $0.rounded() }
    if isWhole && greatest < 1e10 {
      format = "%.0f"
    } else if greatest < 1e5 && least >= 1e-4 {
      format = "%.4f"
    } else {
      format = "%.4e"
    }
    width = numbers.map { [format] in Self.text($0, format).count }.max() ?? 0
  }

  func text(_ number: Double) -> String {
    let digits = Self.text(number, format)
    return String(repeating: " ", count: width - digits.count) + digits
  }

  private static func text(_ number: Double, _ format: String) -> String {
    if number.isNaN { return "nan" }
    return number.isInfinite ? (number > 0 ? "inf" : "-inf") : String(format: format, number)
  }
}
