import Files
import Models
import Tensor

/// How a tensor lies in their files.
enum ForeignLayout {
  case same
  /// `[O, I, F, T]`
  case plane
  /// `[D, C bands]`, columns by channel and band; in patches by band and frame.
  case channelsFirst(bands: Int, channels: Int)
  /// `[O, I, 1]`
  case oneTap
  /// `[O, I, K]`
  case taps
  /// `[1, 1, C]`
  case row

  init(_ path: String, of shape: Shape, in config: MelEncoder.Config) {
    let isMapOfModule = path.contains(".convolution.") && shape.rank == 2
    switch shape.rank {
    case _ where path.contains(".response."): self = .row
    case 4: self = .plane
    case 3: self = .taps
    case _ where isMapOfModule: self = .oneTap
    case _ where path == "projection.weight":
      let channels =
        switch config.frontEnd.chosen {
        case let residual as ResidualSubsampling.Config: residual.channels
        case is FramePatches.Config: config.input.bands
        default: shape[1]
        }
      self = .channelsFirst(bands: shape[1] / channels, channels: channels)
    default: self = .same
    }
  }

  func theirs(_ x: Tensor) -> Tensor {
    switch self {
    case .same: x
    case .plane: x.permuted([0, 3, 2, 1])
    case .channelsFirst(let bands, let channels):
      x.reshaped([x.shape[0], bands, channels]).permuted([0, 2, 1]).reshaped(x.shape)
    case .oneTap: x.insertingAxis(at: -1)
    case .row: x.reshaped([1, 1, x.elementCount])
    case .taps: x.permuted([0, 2, 1])
    }
  }

  /// - Throws: `ModelError.tensors` if the rank is another.
  func ours(_ x: Tensor, named name: String) throws(ModelError) -> Tensor {
    guard fits(x) else { throw .tensors("'\(name)' is \(x.dtype) \(x.shape) in the file") }
    switch self {
    case .same: return x
    case .plane: return x.permuted([0, 3, 2, 1])
    case .channelsFirst(let bands, let channels):
      return x.reshaped([x.shape[0], channels, bands]).permuted([0, 2, 1]).reshaped(x.shape)
    case .oneTap: return x.removingAxis(-1)
    case .row: return x.reshaped([x.elementCount])
    case .taps: return x.permuted([0, 2, 1])
    }
  }

  private func fits(_ x: Tensor) -> Bool {
    switch self {
    case .same: true
    case .plane: x.rank == 4
    case .channelsFirst(let bands, let channels): x.rank == 2 && x.shape[1] == bands * channels
    case .oneTap: x.rank == 3 && x.shape[2] == 1
    case .taps: x.rank == 3
    case .row: x.rank == 3 && x.shape[0] * x.shape[1] == 1
    }
  }
}

extension String {
  /// The name of a tensor with PyTorch's words for the running averages of a batch norm.
  var withTorchBuffers: String {
    for (ours, theirs) in [(".mean", ".running_mean"), (".variance", ".running_var")]
    where hasSuffix(ours) { return dropLast(ours.count) + theirs }
    return self
  }
}

extension MelEncoder.Config {
  /// That the radians a frame which a file holds are those of the configuration.
  /// - Throws: `ModelError.tensors`.
  func checkFrequencies(_ stored: Tensor?, named name: String) throws(ModelError) {
    guard let stored else { return }
    let ours = rotary.frequencies(depth: width / heads)
    let isSame =
      stored.elementCount == ours.count
      && zip(stored.scalars, ours).allSatisfy { abs($0 - $1) <= 1e-5 * $1 }
    guard isSame else {
      throw .tensors(
        "'\(name)' is not that of \(heads) heads at the base of the configuration")
    }
  }
}

extension MelEncoder {
  /// Its tensors as another program names them and lays them out; those that it has not are left out.
  func exported(
    by foreignName: (String) -> String?
  ) -> [(name: String, tensor: Tensor)] {
    state.compactMap { path, tensor in
      foreignName(path).map { name in
        let layout = ForeignLayout(path, of: tensor.shape, in: config)
        return (name: name, tensor: layout.theirs(tensor.detached()))
      }
    }
  }

  /// Takes the tensors of another program's file; those that the program has not stay as they are.
  ///
  /// - Parameters:
  ///   - weights: The file's.
  ///   - foreignName: Its name of a tensor; nil for what it has not.
  ///   - isUnread: Whether a tensor of the file has no part in what the encoder computes.
  /// - Throws: `ModelError.tensors` if a tensor is missing, unknown or misshapen.
  mutating func load(
    _ weights: Weights, by foreignName: (String) -> String?, leavingOut isUnread: (String) -> Bool
  ) throws {
    var (rest, tensors) = (weights, [String: Tensor]())
    for (path, tensor) in state {
      guard let name = foreignName(path) else {
        tensors[path] = tensor
        continue
      }
      guard let theirs = try rest.remove(name) else {
        throw ModelError.tensors("the model needs '\(name)', which the file does not hold")
      }
      tensors[path] = try ForeignLayout(path, of: tensor.shape, in: config).ours(
        theirs, named: name)
    }
    let unknown = rest.entries.keys.filter { !isUnread($0) }.sorted()
    guard unknown.isEmpty else {
      throw ModelError.tensors("the model has no place for \(ellipsis(unknown)) of the file")
    }
    try load(tensors)
  }
}
