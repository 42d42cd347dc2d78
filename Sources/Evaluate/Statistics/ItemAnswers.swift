/// What a probe answered to each item of a task, for each seed, and what is true.
public struct ItemAnswers: Sendable, Equatable {
  /// The task's classes.
  public let classNames: [String]
  /// The class of each item, an index into `classNames`.
  public let truth: [Int32]
  /// For each seed, the class that was predicted for each item.
  public let predicted: [[Int32]]

  /// - Traps when: there is not one answer an item and seed, or no seed.
  public init(_ predicted: [[Int32]], to truth: [Int32], among classNames: [String]) {
    precondition(
      !predicted.isEmpty && predicted.allSatisfy { $0.count == truth.count },
      "ItemAnswers: needs one for each of \(truth.count) items and at least 1 seed, got \(predicted.map(\.count))"
    )
    (self.predicted, self.truth, self.classNames) = (predicted, truth, classNames)
  }

  /// Those of several trainings together; nil if they are not known, or not of the same items.
  init?(_ parts: [ItemAnswers?]) {
    let known = parts.compactMap(\.self)
    guard let first = known.first, known.count == parts.count,
      known.allSatisfy({ $0.truth == first.truth && $0.classNames == first.classNames })
    else { return nil }
    self.init(known.flatMap(\.predicted), to: first.truth, among: first.classNames)
  }

  /// How often each class was predicted for items of each class, all seeds together: `counts[true][predicted]`.
  var confusion: [[Int]] {
    var counts = [[Int]](
      repeating: [Int](repeating: 0, count: classNames.count), count: classNames.count)
    for answers in predicted {
      for (truth, answer) in zip(truth, answers) { counts[Int(truth)][Int(answer)] += 1 }
    }
    return counts
  }
}

extension ItemAnswers: Codable {
  private enum CodingKeys: CodingKey { case classNames, truth, predicted }

  /// Numbers between blanks, as those of `ItemScores`.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(classNames, forKey: .classNames)
    try fields.encode(Self.text(truth), forKey: .truth)
    try fields.encode(predicted.map(Self.text), forKey: .predicted)
  }

  /// As `encode` wrote them.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let names = try fields.decode([String].self, forKey: .classNames)
    let truth = Self.numbers(try fields.decode(String.self, forKey: .truth), below: names.count)
    let seeds = try fields.decode([String].self, forKey: .predicted)
    let predicted = seeds.compactMap { Self.numbers($0, below: names.count) }
    guard let truth, !seeds.isEmpty, predicted.count == seeds.count,
      predicted.allSatisfy({ $0.count == truth.count })
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .predicted, in: fields, debugDescription: "not one class for each item")
    }
    self.init(predicted, to: truth, among: names)
  }

  private static func text(_ numbers: [Int32]) -> String {
    numbers.map(String.init).joined(separator: " ")
  }

  /// Nil unless all are classes.
  private static func numbers(_ text: String, below count: Int) -> [Int32]? {
    let numbers = text.split(separator: " ").map { Int32($0) }
    let known = numbers.compactMap(\.self).filter { (0..<Int32(count)).contains($0) }
    return known.count == numbers.count ? known : nil
  }
}
