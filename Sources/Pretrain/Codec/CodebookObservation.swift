import Models
import Tensor

/// What the latents of a batch mean for one codebook: `Codebook.learn` moves the entries by it.
package struct CodebookObservation {
  /// How many latents each entry was the nearest of, `[K]`.
  package var counts: Tensor
  /// Their sums, `[K, D]`.
  package var sums: Tensor
  /// Latents drawn from the batch, one for each entry to be replaced by, `[K, D]`.
  package var candidates: Tensor
  /// The first entries, if the codebook had none yet.
  package var start: CodebookStart?

  /// All of them.
  package init(counts: Tensor, sums: Tensor, candidates: Tensor, start: CodebookStart? = nil) {
    (self.counts, self.sums, self.candidates, self.start) = (counts, sums, candidates, start)
  }
}

extension CodebookObservation {
  /// As observations of a loss, under the number of the codebook.
  func named(_ codebook: Int) -> [String: Tensor] {
    var named = ["counts": counts, "sums": sums, "candidates": candidates]
    if let start {
      named["start.vectors"] = start.vectors
      named["start.sizes"] = start.sizes
    }
    return Dictionary(uniqueKeysWithValues: named.map { ("codebooks.\(codebook).\($0)", $1) })
  }

  /// What `named` made of it; nil if the codebooks have not begun.
  init?(_ codebook: Int, of observations: [String: Tensor]) {
    func named(_ name: String) -> Tensor? { observations["codebooks.\(codebook).\(name)"] }
    guard let counts = named("counts") else { return nil }
    self.init(
      counts: counts, sums: named("sums")!, candidates: named("candidates")!,
      start: named("start.vectors").map { CodebookStart(vectors: $0, sizes: named("start.sizes")!) }
    )
  }
}

extension Tensor {
  /// How many rows of this `[N, D]` have each code, `[K]`, and the sums of those rows, `[K, D]`.
  func summed(by codes: [Int32], count: Int) -> (counts: Tensor, sums: Tensor) {
    let width = shape[1]
    var counts = [Float](repeating: 0, count: count)
    for code in codes { counts[Int(code)] += 1 }
    let sums = Tensor(shape: [count, width]) { (sums: UnsafeMutableBufferPointer<Float>) in
      sums.update(repeating: 0)
      read { x in
        Cores.forEachBlock(of: width, size: 16) { columns in
          for (row, code) in codes.enumerated() {
            for d in columns { sums[Int(code) * width + d] += x[row * width + d] }
          }
        }
      }
    }
    return (Tensor(counts), sums)
  }

  /// Rows drawn from this `[N, D]`: no row twice, unless more are asked for than there are.
  func drawingRows(_ count: Int, using stream: inout RandomStream) -> Tensor {
    let rows = shape[0]
    guard count <= rows else {
      return gatheringRows((0..<count).map { _ in Int.random(in: 0..<rows, using: &stream) })
    }
    var order = Array(0..<rows)
    for i in 0..<count { order.swapAt(i, Int.random(in: i..<rows, using: &stream)) }
    return gatheringRows(Array(order.prefix(count)))
  }
}
