import Tensor

extension KMeans {
  /// The clustering as tensors for a file: `centroids` `[K, D]` and `inertia`, a scalar.
  public var tensors: [String: Tensor] {
    ["centroids": centroids, "inertia": Tensor(Float(inertia))]
  }

  /// The clustering that `tensors` wrote.
  ///
  /// - Parameters:
  ///   - tensors: The tensors of the file.
  ///   - file: The file's name, for the message.
  /// - Throws: `KMeansError.unreadable` if a tensor is missing, ill-shaped or not finite.
  public init(tensors: [String: Tensor], file: String) throws {
    func tensor(_ name: String, rank: Int) throws -> Tensor {
      guard let found = tensors[name] else {
        throw KMeansError.unreadable(file: file, why: "it has no tensor '\(name)'")
      }
      guard found.dtype == .float32, found.rank == rank, found.elementCount > 0 else {
        throw KMeansError.unreadable(
          file: file, why: "'\(name)' is \(found.dtype) \(found.shape), not \(rank) axes of float32"
        )
      }
      guard found.read({ $0.allSatisfy(\.isFinite) }) else {
        throw KMeansError.unreadable(file: file, why: "'\(name)' holds numbers that are not finite")
      }
      return found
    }
    let centroids = try tensor("centroids", rank: 2)
    self.init(
      centroids: centroids, inertia: Double(try tensor("inertia", rank: 0).scalar))
  }
}
