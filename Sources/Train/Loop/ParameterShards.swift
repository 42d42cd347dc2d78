import Cluster
import Models
import Optimisation
import Tensor

/// Which rank updates which parameters: all about equally many numbers. A rank need not have the moments of the others'.
///
/// The largest parameters are dealt first, each to the rank that has the fewest numbers so far. Parameters stay whole, so
/// a rank has at least the largest one. Source: Rajbhandari et al. 2020 (ZeRO), stage 1; PyTorch
/// `ZeroRedundancyOptimizer`, which deals in the same way.
struct ParameterShards: Sendable {
  private let owners: [String: Int]
  private let count: Int

  /// - Parameters:
  ///   - model: The model.
  ///   - numbers: Which of its parameters are frozen; those belong to nobody.
  ///   - count: How many ranks there are.
  init(of model: some Module, trainedBy numbers: ParameterNumbers, among count: Int) {
    var sizes: [(path: String, count: Int)] = []
    model.forEachParameter { place, parameter in
      if !numbers.isFrozen(place) { sizes.append((place.path, parameter.elementCount)) }
    }
    var (owners, loads) = ([String: Int](), Array(repeating: 0, count: count))
    for (path, size) in sizes.sorted(by: { ($1.count, $0.path) < ($0.count, $1.path) }) {
      let owner = loads.indices.min { loads[$0] < loads[$1] }!
      owners[path] = owner
      loads[owner] += size
    }
    (self.owners, self.count) = (owners, count)
  }

  /// The rank that updates a parameter; nil of one that is frozen.
  func owner(of path: String) -> Int? { owners[path] }

  /// The paths of a rank's parameters.
  func paths(of rank: Int) -> Set<String> { Set(owners.filter { $0.value == rank }.keys) }

  /// What `tensor` has of each parameter, by owner, in the order of the model.
  func dealt(of model: some Module, _ tensor: (_ parameter: Tensor) -> Tensor?) -> [[Tensor]] {
    var dealt = Array(repeating: [Tensor](), count: count)
    model.forEachParameter { place, parameter in
      guard let owner = owners[place.path], let tensor = tensor(parameter) else { return }
      dealt[owner].append(tensor)
    }
    return dealt
  }

  /// Gives every rank the parameters that others have updated. They are moved out of the model meanwhile, so that each is
  /// changed in place.
  func spread(_ model: inout some Module, by exchange: GradientExchange) throws {
    var dealt = dealt(of: model) { $0 }
    model.update { place, parameter in
      if owners[place.path] != nil { parameter = .zeros([0]) }
    }
    try exchange.spread(&dealt)
    var rest = dealt.map { $0.makeIterator() }
    model.update { place, parameter in
      if let owner = owners[place.path] { parameter = rest[owner].next()! }
    }
  }
}
