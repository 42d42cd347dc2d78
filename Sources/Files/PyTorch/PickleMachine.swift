/// Reads a pickle, a program for a stack machine. Only operations that build data are implemented;
/// nothing in the pickle is run.
///
/// Its values take a bounded amount of memory, see `PickleMemory`.
///
/// - Source: CPython's `pickletools`, protocols 2 to 5; PyTorch's `torch.save`.
struct PickleMachine {
  private var reader: ByteReader
  private var graph = PickleGraph()
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var memory: PickleMemory

  /// Reads one pickle and moves the reader to its end.
  ///
  /// - Parameter memory: The memory that the file's pickles have taken so far.
  static func run(
    _ reader: inout ByteReader, _ memory: inout PickleMemory
  ) throws(TorchProblem) -> PickleGraph {
    var machine = PickleMachine(reader: reader, memory: memory)
    while try machine.step() {}
    machine.graph.root = try machine.pop()
    try machine.graph.checkForCircles()
    (reader, memory) = (machine.reader, machine.memory)
    return machine.graph
  }

  private init(reader: ByteReader, memory: PickleMemory) {
    (self.reader, self.memory) = (reader, memory)
  }

  /// The operations that `torch.save` writes, by their opcodes.
  private enum Operation: UInt8 {
    case proto = 0x80
    case frame = 0x95
    case stop = 0x2E
    case none = 0x4E
    case newTrue = 0x88
    case newFalse = 0x89
    case int4 = 0x4A
    case int1 = 0x4B
    case int2 = 0x4D
    case long1 = 0x8A
    case long4 = 0x8B
    case float = 0x47
    case text1 = 0x8C
    case text4 = 0x58
    case text8 = 0x8D
    case string1 = 0x55
    case string4 = 0x54
    case bytes1 = 0x43
    case bytes4 = 0x42
    case bytes8 = 0x8E
    case byteArray = 0x96
    case mark = 0x28
    case emptyTuple = 0x29
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case tuple = 0x74
    case emptyList = 0x5D
    case append = 0x61
    case appends = 0x65
    case emptyDictionary = 0x7D
    case setItem = 0x73
    case setItems = 0x75
    case emptySet = 0x8F
    case addItems = 0x90
    case frozenSet = 0x91
    case put1 = 0x71
    case put4 = 0x72
    case memoize = 0x94
    case get1 = 0x68
    case get4 = 0x6A
    case global = 0x63
    case stackGlobal = 0x93
    case persistent = 0x51
    case reduce = 0x52
    case newObject = 0x81
    case newObjectWithNames = 0x92
    case build = 0x62
  }

  /// - Returns: False after the last operation.
  private mutating func step() throws(TorchProblem) -> Bool {
    let byte = try reader.byte()
    guard let operation = Operation(rawValue: byte) else {
      throw TorchProblem(
        text:
          "its pickle has the operation 0x\(String(byte, radix: 16)), which torch.save does not "
          + "write")
    }
    if operation == .stop { return false }
    if try scalar(operation) { return true }
    if try container(operation) { return true }
    try object(operation)
    return true
  }
}

// MARK: - The stack

extension PickleMachine {
  private mutating func push(_ value: PickleValue) throws(TorchProblem) {
    try memory.take(PickleMemory.value)
    stack.append(value)
  }

  private mutating func pop() throws(TorchProblem) -> PickleValue {
    guard stack.count > (marks.last ?? 0), let value = stack.popLast() else { throw Self.damaged }
    return value
  }

  private mutating func pop(_ count: Int) throws(TorchProblem) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw Self.damaged }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  /// Pops the values since the last mark, and the mark.
  private mutating func popToMark() throws(TorchProblem) -> [PickleValue] {
    guard let mark = marks.popLast(), mark <= stack.count else { throw Self.damaged }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private static let damaged = TorchProblem(text: "its pickle is damaged")

  /// The node on top of the stack, which is not popped.
  private func topNode() throws(TorchProblem) -> Int {
    guard stack.count > (marks.last ?? 0), case .node(let number)? = stack.last else {
      throw Self.damaged
    }
    return number
  }
}

// MARK: - Scalars

extension PickleMachine {
  private mutating func scalar(_ operation: Operation) throws(TorchProblem) -> Bool {
    switch operation {
    case .proto:
      let version = try reader.byte()
      guard (2...5).contains(version) else {
        throw TorchProblem(text: "its pickle is of protocol \(version), not of 2 to 5")
      }
    case .frame: _ = try reader.integer(bytes: 8)
    case .none: try push(.none)
    case .newTrue: try push(.flag(true))
    case .newFalse: try push(.flag(false))
    case .int1: try push(.integer(try reader.integer(bytes: 1)))
    case .int2: try push(.integer(try reader.integer(bytes: 2)))
    case .int4:
      let bits = UInt32(try reader.integer(bytes: 4))
      try push(.integer(Int(Int32(bitPattern: bits))))
    case .long1: try pushLong(try reader.integer(bytes: 1))
    case .long4: try pushLong(try reader.integer(bytes: 4))
    case .float: try pushFloat()
    case .text1, .string1: try pushText(lengthBytes: 1)
    case .text4, .string4: try pushText(lengthBytes: 4)
    case .text8: try pushText(lengthBytes: 8)
    case .bytes1: try pushBytes(lengthBytes: 1)
    case .bytes4: try pushBytes(lengthBytes: 4)
    case .bytes8, .byteArray: try pushBytes(lengthBytes: 8)
    default: return false
    }
    return true
  }

  /// An integer in two's complement of any length.
  private mutating func pushLong(_ count: Int) throws(TorchProblem) {
    try take(count)
    let bytes = [UInt8](try reader.data(count))
    guard count <= 8 else { return try push(.bytes(bytes)) }
    let filler: UInt64 = bytes.last.map { $0 >= 0x80 } == true ? .max : 0
    let bits = bytes.reversed().reduce(filler) { $0 << 8 | UInt64($1) }
    try push(.integer(Int(Int64(bitPattern: bits))))
  }

  /// A big-endian float; the other numbers in a pickle are little-endian.
  private mutating func pushFloat() throws(TorchProblem) {
    let bits = try reader.data(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    try push(.number(Double(bitPattern: bits)))
  }

  private mutating func pushText(lengthBytes: Int) throws(TorchProblem) {
    let count = try reader.integer(bytes: lengthBytes)
    try take(count)
    try push(.text(try reader.text(count)))
  }

  private mutating func pushBytes(lengthBytes: Int) throws(TorchProblem) {
    let count = try reader.integer(bytes: lengthBytes)
    try take(count)
    try push(.bytes([UInt8](try reader.data(count))))
  }

  /// Counts the memory for the next `count` bytes.
  private mutating func take(_ count: Int) throws(TorchProblem) {
    try reader.check(count)
    try memory.take(count)
  }
}

// MARK: - Containers and memory

extension PickleMachine {
  private mutating func container(_ operation: Operation) throws(TorchProblem) -> Bool {
    switch operation {
    case .mark:
      try memory.take(PickleMemory.value)
      marks.append(stack.count)
    case .emptyTuple: try push(.tuple, [])
    case .tuple1: try push(.tuple, try pop(1))
    case .tuple2: try push(.tuple, try pop(2))
    case .tuple3: try push(.tuple, try pop(3))
    case .tuple: try push(.tuple, try popToMark())
    case .emptyList: try push(.list, [])
    case .emptySet: try push(.set, [])
    case .frozenSet: try push(.set, try popToMark())
    case .emptyDictionary: try push(.dictionary, [])
    case .append: try extend(with: [try pop()])
    case .appends, .addItems: try extend(with: try popToMark())
    case .setItem: try set(try pop(2))
    case .setItems: try set(try popToMark())
    case .put1: try remember(at: try reader.integer(bytes: 1))
    case .put4: try remember(at: try reader.integer(bytes: 4))
    case .memoize: try remember(at: memo.count)
    case .get1: try recall(try reader.integer(bytes: 1))
    case .get4: try recall(try reader.integer(bytes: 4))
    default: return false
    }
    return true
  }

  private mutating func push(
    _ kind: PickleGraph.Node.Kind, _ elements: [PickleValue]
  ) throws(TorchProblem) {
    try memory.take(PickleMemory.node)
    try push(graph.add(.init(kind: kind, elements: elements)))
  }

  private mutating func extend(with values: [PickleValue]) throws(TorchProblem) {
    let node = try topNode()
    if graph.nodes[node].kind == .tuple { throw Self.damaged }
    graph.nodes[node].elements += values
  }

  private mutating func set(_ pairs: [PickleValue]) throws(TorchProblem) {
    let node = try topNode()
    switch graph.nodes[node].kind {
    case .dictionary, .object: break
    default: throw Self.damaged
    }
    guard pairs.count.isMultiple(of: 2) else { throw Self.damaged }
    for i in stride(from: 0, to: pairs.count, by: 2) {
      try memory.take(PickleMemory.entry)
      if case .text(let key) = pairs[i] {
        graph.nodes[node].items[key] = pairs[i + 1]
      } else {
        graph.nodes[node].elements += [pairs[i], pairs[i + 1]]
      }
    }
  }

  private mutating func remember(at index: Int) throws(TorchProblem) {
    guard stack.count > (marks.last ?? 0), let value = stack.last else { throw Self.damaged }
    try memory.take(PickleMemory.entry)
    memo[index] = value
  }

  private mutating func recall(_ index: Int) throws(TorchProblem) {
    guard let value = memo[index] else { throw Self.damaged }
    try push(value)
  }
}

// MARK: - Objects

extension PickleMachine {
  private mutating func object(_ operation: Operation) throws(TorchProblem) {
    switch operation {
    case .global:
      let module = try reader.line()
      try pushGlobal(module, try reader.line())
    case .stackGlobal:
      let names = try pop(2)
      guard case .text(let module) = names[0], case .text(let name) = names[1] else {
        throw Self.damaged
      }
      try pushGlobal(module, name)
    case .persistent:
      try memory.take(PickleMemory.tensor)
      try push(.storage(try storage(try pop())))
    case .reduce, .newObject:
      let call = try pop(2)
      try push(try made(call[0], of: try tuple(call[1])))
    case .newObjectWithNames:
      let call = try pop(3)
      try push(try made(call[0], of: try tuple(call[1]), named: call[2]))
    case .build: try build(with: try pop())
    default: throw Self.damaged
    }
  }

  private mutating func pushGlobal(_ module: String, _ name: String) throws(TorchProblem) {
    let global = PickleGlobal(module: module, name: name)
    try memory.take(PickleMemory.value + module.utf8.count + name.utf8.count)
    _ = try global.role()
    try push(.global(global))
  }

  private func tuple(_ value: PickleValue) throws(TorchProblem) -> [PickleValue] {
    guard case .node(let number) = value, graph.nodes[number].kind == .tuple else {
      throw Self.damaged
    }
    return graph.nodes[number].elements
  }

  /// The value that a function or class returns for its arguments. Keyword arguments, a dictionary,
  /// stay in the graph.
  private mutating func made(
    _ callee: PickleValue, of arguments: [PickleValue], named: PickleValue? = nil
  ) throws(TorchProblem) -> PickleValue {
    guard case .global(let global) = callee else { throw Self.damaged }
    let role = try global.role()
    if case .inert = role {
      // Counted twice, because the arguments are copied when elements are appended to the object.
      try memory.take(PickleMemory.node + arguments.count * PickleMemory.value)
      return graph.add(.init(kind: .object(global), elements: arguments))
    }
    guard named == nil else { throw Self.damaged }
    switch role {
    case .orderedDictionary:
      guard arguments.isEmpty else { throw Self.damaged }
      try memory.take(PickleMemory.node)
      return graph.add(.init(kind: .dictionary))
    case .rebuildTensor:
      try memory.take(PickleMemory.tensor)
      return .tensor(try tensor(arguments))
    case .rebuildParameter:
      guard case .tensor? = arguments.first else { throw Self.damaged }
      return arguments[0]
    case .storage, .inert: throw Self.damaged
    }
  }

  /// The storage of `('storage', type, key, place, count)`; old files append a view, which must be
  /// None.
  private func storage(_ identity: PickleValue) throws(TorchProblem) -> TorchStorage {
    let fields = try tuple(identity)
    guard fields.count >= 5, case .text("storage") = fields[0], case .global(let type) = fields[1],
      case .storage(let element) = try type.role(), case .text(let key) = fields[2],
      case .integer(let count) = fields[4]
    else { throw Self.damaged }
    if fields.count > 5 {
      guard fields.count == 6, case .none = fields[5] else { throw Self.damaged }
    }
    let storage = TorchStorage(element: element, key: key, count: count)
    _ = try storage.byteCount()
    return storage
  }

  /// The tensor of `(storage, offset, shape, strides, ...)`; the other arguments concern gradients.
  private func tensor(_ arguments: [PickleValue]) throws(TorchProblem) -> TorchTensor {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0],
      case .integer(let offset) = arguments[1]
    else { throw Self.damaged }
    return try TorchTensor(
      storage: storage, offset: offset, shape: try integers(arguments[2]),
      strides: try integers(arguments[3]))
  }

  /// A shape or strides.
  private func integers(_ value: PickleValue) throws(TorchProblem) -> [Int] {
    let elements = try tuple(value)
    guard elements.count <= TorchTensor.maximumRank else {
      throw TorchProblem(text: "it holds a tensor of \(elements.count) axes")
    }
    var integers: [Int] = []
    for element in elements {
      guard case .integer(let integer) = element else { throw Self.damaged }
      integers.append(integer)
    }
    return integers
  }

  /// Sets the state of an object. The state of a dictionary, PyTorch's `_metadata` of modules, is
  /// ignored.
  private mutating func build(with state: PickleValue) throws(TorchProblem) {
    let node = try topNode()
    switch graph.nodes[node].kind {
    case .object: graph.nodes[node].state = state
    case .dictionary: break
    default: throw Self.damaged
    }
  }
}
