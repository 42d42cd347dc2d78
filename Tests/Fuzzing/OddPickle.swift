import Tensor

/// Programs for the pickle machine: valid ones, of odd values, that repeat and share what they build.
struct OddPickle {
  private(set) var bytes: [UInt8] = [0x80, 2]
  private var stream: RandomStream
  /// How many values the memo holds.
  private var remembered = 0
  /// How much more may be built.
  private var budget: Int

  /// A pickle of a value.
  init(using stream: inout RandomStream) {
    self.stream = stream
    budget = self.stream.one(of: [10, 100, 1000])
    value(depth: 0)
    bytes.append(0x2E)
    stream = self.stream
  }

  /// A dictionary of tensors, as `torch.save` writes those of a model.
  init(ofTensorsUsing stream: inout RandomStream) {
    self.stream = stream
    budget = 100
    bytes += [0x7D, 0x28]
    for number in 0..<self.stream.one(of: [1, 3, 30]) {
      text(self.stream.once(in: 10) ? self.stream.oddText() : "weight.\(number)")
      if self.stream.once(in: 10) { value(depth: 3) } else { tensor() }
    }
    bytes += [0x75, 0x2E]
    stream = self.stream
  }

  private mutating func value(depth: Int) {
    budget -= 1
    switch Int.random(in: 0..<(depth > 8 || budget < 0 ? 6 : 16), using: &stream) {
    case 0: bytes.append(stream.one(of: [0x4E, 0x88, 0x89, 0x29, 0x5D, 0x7D, 0x8F]))
    case 1: integer(stream.oddInteger())
    case 2:
      bytes.append(0x47)
      bytes += Self.bytes(of: stream.oddNumber().bitPattern.byteSwapped)
    case 3: text(stream.oddText())
    case 4: recall()
    case 5: bytes += [0x42] + Self.bytes(of: UInt32(5)) + [1, 2, 3, 4, 5]
    case 6, 7: list(depth)
    case 8, 9: dictionary(depth)
    case 10: tuple(depth)
    case 11: tensor()
    case 12: nest()
    case 13: repeated()
    default: object(depth)
    }
    if stream.once(in: 3) { remember() }
  }

  private mutating func list(_ depth: Int) {
    bytes.append(stream.one(of: [0x5D, 0x8F]))
    let isSet = bytes.last == 0x8F
    if stream.once(in: 4) { remember() }
    bytes.append(0x28)
    for _ in 0..<Int.random(in: 0..<6, using: &stream) { value(depth: depth + 1) }
    bytes.append(isSet ? 0x90 : 0x65)
  }

  private mutating func dictionary(_ depth: Int) {
    bytes += [0x7D, 0x28]
    for _ in 0..<Int.random(in: 0..<5, using: &stream) {
      if stream.once(in: 6) { value(depth: depth + 1) } else { text(stream.oddText()) }
      value(depth: depth + 1)
    }
    bytes.append(0x75)
  }

  private mutating func tuple(_ depth: Int) {
    bytes.append(0x28)
    for _ in 0..<Int.random(in: 0..<5, using: &stream) { value(depth: depth + 1) }
    bytes.append(stream.once(in: 5) ? 0x91 : 0x74)
  }

  /// A value within so many tuples or lists.
  private mutating func nest() {
    bytes.append(0x4E)
    let count = stream.one(of: [10, 1000, 50_000])
    bytes += [UInt8](repeating: 0x85, count: count)
  }

  /// An object, made in one of the three ways, given attributes and items.
  private mutating func object(_ depth: Int) {
    let name = stream.one(of: [
      "argparse\nNamespace\n", "fairseq.x\nY\n", "omegaconf.dictconfig\nDictConfig\n",
      "collections\nOrderedDict\n", "collections\ndeque\n", "torch._utils\n_rebuild_parameter\n",
      "os\nsystem\n", "builtins\nset\n",
    ])
    bytes += [0x63] + Array(name.utf8)
    if stream.once(in: 3) {
      tuple(depth)
      bytes += [0x7D, 0x92]
    } else {
      bytes += [0x29, stream.one(of: [0x52, 0x81])]
    }
    if stream.once(in: 2) {
      dictionary(depth)
      bytes.append(0x62)
    }
    if stream.once(in: 4) {
      bytes.append(0x28)
      for _ in 0..<3 { value(depth: depth + 1) }
      bytes.append(0x65)
    }
  }

  /// A large tuple, text or dictionary that many objects share: what a few bytes can ask for.
  private mutating func repeated() {
    let (size, count) = (stream.one(of: [10, 1000, 20_000]), stream.one(of: [10, 1000, 10_000]))
    bytes += [0x28]
    if stream.once(in: 2) {
      bytes += [UInt8](repeating: 0x4E, count: size)
    } else {
      text(String(repeating: "a", count: size))
    }
    bytes += [0x74]
    let large = remember()
    bytes += [0x63] + Array("fairseq\nX\n".utf8)
    let type = remember()
    let objects: [[UInt8]] = [
      get(type) + get(large) + [0x7D, 0x92],
      get(type) + get(large) + [0x81],
      get(type) + get(large) + [0x52, 0x28, 0x4E, 0x65],
      get(large), get(large) + [0x85],
    ]
    let object = stream.one(of: objects)
    bytes += [0x28]
    for _ in 0..<count { bytes += object }
    bytes += [0x74, 0x87]
  }

  /// The storages that tensors lie on, by their number: 64 numbers of each type.
  static let storages = [
    ("Float", 4), ("Double", 8), ("Half", 2), ("BFloat16", 2), ("Long", 8), ("Int", 4),
    ("Short", 2),
    ("Char", 1), ("Byte", 1), ("Bool", 1),
  ].map { (type: $0, bytes: $1) }

  /// A tensor on a storage, mostly within it.
  private mutating func tensor() {
    let isOdd = stream.once(in: 4)
    let shape = (0..<stream.one(of: [0, 1, 2, 3, isOdd ? 20 : 2])).map { _ in
      isOdd && stream.once(in: 3) ? stream.oddInteger() : Int.random(in: 0..<4, using: &stream)
    }
    var strides = shape.indices.map { shape[($0 + 1)...].reduce(1, &*) }
    if isOdd, !strides.isEmpty { strides[0] = stream.oddInteger() }
    let storage = Int.random(in: Self.storages.indices, using: &stream)
    bytes += [0x63] + Array("torch._utils\n_rebuild_tensor_v2\n".utf8) + [0x28, 0x28]
    text("storage")
    bytes += [0x63] + Array("torch\n\(Self.storages[storage].type)Storage\n".utf8)
    text(stream.once(in: 20) ? "x" : "\(storage)")
    text("cpu")
    integer(stream.once(in: 8) ? stream.oddInteger() : 64)
    bytes += [0x74, 0x51]
    integer(isOdd && stream.once(in: 2) ? stream.oddInteger() : 0)
    for numbers in [shape, strides] {
      bytes.append(0x28)
      numbers.forEach { integer($0) }
      bytes.append(0x74)
    }
    bytes += [0x89] + [0x63] + Array("collections\nOrderedDict\n".utf8) + [0x29, 0x52, 0x74, 0x52]
  }

  private mutating func integer(_ value: Int) {
    if let small = Int32(exactly: value), stream.once(in: 2) {
      bytes += [0x4A] + Self.bytes(of: small)
    } else {
      bytes += [0x8A, 8] + Self.bytes(of: value)
    }
  }

  private mutating func text(_ text: String) {
    bytes += [0x58] + Self.bytes(of: UInt32(text.utf8.count)) + Array(text.utf8)
  }

  @discardableResult private mutating func remember() -> Int {
    bytes += [0x72] + Self.bytes(of: UInt32(remembered))
    remembered += 1
    return remembered - 1
  }

  private mutating func recall() {
    guard remembered > 0 else { return bytes.append(0x4E) }
    bytes += get(Int.random(in: 0..<remembered, using: &stream))
  }

  private func get(_ number: Int) -> [UInt8] { [0x6A] + Self.bytes(of: UInt32(number)) }

  private static func bytes(of value: some BitwiseCopyable) -> [UInt8] {
    withUnsafeBytes(of: value) { Array($0) }
  }
}
