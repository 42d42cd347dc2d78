import Foundation
import Tensor

/// How well codes predict another label of the same frames: counted pairs of a code and a
/// class, `p(code, class)` their shares.
///
/// Source: fairseq `examples/hubert/measure_teacher_quality.py`, with phones for classes. Its "phone
/// purity", "cluster purity" and "PNMI" are `purity`, `codePurity` and `normalisedInformation`.
public struct CodeAgreement: Sendable, Equatable {
  private let classes: Int
  /// `[codes, classes]`
  private var pairs: [Int]

  /// Of no frame yet.
  /// - Traps when: there are no codes or no classes.
  public init(codes: Int, classes: Int) {
    precondition(
      codes > 0 && classes > 0, "CodeAgreement: \(codes) codes and \(classes) classes")
    (self.classes, pairs) = (classes, Array(repeating: 0, count: codes * classes))
  }

  /// Counts frames, of each of which code and class are given; one without a class does not count.
  /// - Traps when: there are not as many of both, or one lies outside.
  public mutating func add(_ codes: some Collection<Int32>, _ classes: [Int?]) {
    precondition(
      codes.count == classes.count, "CodeAgreement: \(codes.count) codes, \(classes.count) classes")
    for (code, known) in zip(codes, classes) {
      guard let known else { continue }
      precondition(
        (0..<self.classes).contains(known), "CodeAgreement: class \(known) of \(self.classes)")
      pairs[Int(code) * self.classes + known] += 1
    }
  }

  /// Frames counted.
  public var frames: Int { pairs.reduce(0, +) }

  /// How many classes occur.
  public var classesUsed: Int { classCounts.count { $0 > 0 } }

  /// `Σ_code max_class p(code, class)`: how many frames are right if every code is taken for the class that
  /// it most often goes with. Grows with the number of codes by itself.
  public var purity: Double {
    share(stride(from: 0, to: pairs.count, by: classes).map { pairs[$0..<$0 + classes].max()! })
  }

  /// `Σ_class max_code p(code, class)`: how many frames are right if every class is taken for its most
  /// frequent code. Falls with the number of codes by itself.
  public var codePurity: Double {
    share(
      (0..<classes).map { known in
        stride(from: known, to: pairs.count, by: classes).map { pairs[$0] }.max()!
      })
  }

  /// `max_class p(class)`: the purity of a single code.
  public var mostFrequent: Double { share([classCounts.max()!]) }

  /// `I(class; code) / H(class)`, 0 to 1: the share of what there is to know of the class that the code
  /// tells. 0 where there is but one class.
  public var normalisedInformation: Double {
    let known = entropy(classCounts)
    return known > 0 ? max(0, known + entropy(codeCounts) - entropy(pairs)) / known : 0
  }

  private var classCounts: [Int] {
    (0..<classes).map { known in
      stride(from: known, to: pairs.count, by: classes).reduce(0) { $0 + pairs[$1] }
    }
  }

  private var codeCounts: [Int] {
    stride(from: 0, to: pairs.count, by: classes).map { pairs[$0..<$0 + classes].reduce(0, +) }
  }

  private func share(_ counts: [Int]) -> Double {
    Double(counts.reduce(0, +)) / Double(max(1, frames))
  }

  private func entropy(_ counts: [Int]) -> Double {
    let total = Double(max(1, frames))
    return counts.lazy.filter { $0 > 0 }.reduce(0) { sum, count in
      let p = Double(count) / total
      return sum - p * log(p)
    }
  }
}
