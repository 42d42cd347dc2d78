import Foundation
import Models
import Tensor
import TestSupport
import Testing

@Suite struct ModuleTests {
  static let configs: [AudioEncoder.Config] = [.tiny, .tinyLarge, .tinyData2Vec]

  @Test(arguments: configs)
  func visitForgetsNoTensor(config: AudioEncoder.Config) throws {
    let encoder = try AudioEncoder.random(config)
    #expect(encoder.state.map(\.path).sorted() == storedTensors(in: encoder).sorted())
  }

  /// The helper itself must see a tensor that `visit` leaves out.
  @Test func theHelperFindsAForgottenTensor() {
    struct Forgetful: Module {
      var seen = Tensor(1)
      var forgotten: Tensor? = Tensor(2)
      mutating func visit(_ visitor: inout some ParameterVisitor) {
        visitor.parameter("seen", &seen)
      }
    }
    #expect(storedTensors(in: Forgetful()).sorted() == ["forgotten", "seen"])
  }

  @Test func aCopyIsASecondModel() throws {
    let first = try AudioEncoder.random(.tiny)
    var second = first
    second.update { _, tensor in tensor.update { $0[0] += 1 } }
    for (a, b) in zip(first.parameters, second.parameters) {
      #expect(a.tensor.scalars[0] + 1 == b.tensor.scalars[0])
      #expect(a.tensor.scalars.dropFirst() == b.tensor.scalars.dropFirst())
    }
  }

  @Test func updatesInPlace() throws {
    var encoder = try AudioEncoder.random(.tinyLarge)
    let before = addresses(in: &encoder)
    encoder.update { _, tensor in tensor.update { $0[0] += 1 } }
    #expect(addresses(in: &encoder) == before)
  }

  private func addresses(in encoder: inout AudioEncoder) -> [Int] {
    var all: [Int] = []
    encoder.update { _, tensor in all.append(tensor.read { Int(bitPattern: $0.baseAddress) }) }
    return all
  }

  @Test func averagesTowardsAnother() throws {
    var average = try AudioEncoder.random(.tiny, seed: 1)
    let start = average
    let other = try AudioEncoder.random(.tiny, seed: 2)
    average.update(with: other) { _, mean, value in
      mean = mean * 0.75 + value * 0.25
    }
    for (i, (_, tensor)) in average.parameters.enumerated() {
      let expected = start.parameters[i].tensor * 0.75 + other.parameters[i].tensor * 0.25
      expectClose(tensor, expected, relative: 1e-6)
    }
  }

  @Test func tracksAndDetaches() throws {
    var encoder = try AudioEncoder.random(.tiny)
    encoder.trackGradients()
    #expect(encoder.parameters.allSatisfy { $0.tensor.isTracked })
    #expect(!encoder.detached().parameters.contains { $0.tensor.isTracked })
    #expect(encoder.parameters.allSatisfy { $0.tensor.isTracked })
  }

  @Test func loadAccountsForEveryName() throws {
    let source = try AudioEncoder.random(.tiny, seed: 2)
    let tensors = Dictionary(uniqueKeysWithValues: source.parameters.map { ($0.path, $0.tensor) })
    var encoder = try AudioEncoder.random(.tiny)
    try encoder.load(tensors)
    for (a, b) in zip(encoder.parameters, source.parameters) {
      #expect(a.tensor.scalars == b.tensor.scalars)
    }
    expectRefusal(tensors.merging(["extra": Tensor(1)]) { $1 }, "no place for 'extra'")
    expectRefusal(tensors.filter { $0.key != "maskEmbedding" }, "needs 'maskEmbedding'")
    expectRefusal(
      tensors.merging(["maskEmbedding": .zeros([13])]) { $1 }, "'maskEmbedding' is float32 [13]")
    let integers = Tensor([Int32](repeating: 0, count: 12))
    expectRefusal(tensors.merging(["maskEmbedding": integers]) { $1 }, "is int32 [12]")
  }

  private func expectRefusal(_ tensors: [String: Tensor], _ problem: String) {
    let error = #expect(throws: ModelError.self) {
      var encoder = try AudioEncoder.random(.tiny)
      try encoder.load(tensors)
    }
    #expect(error?.description.contains(problem) == true, "got \(String(describing: error))")
  }

  @Test func printsItsArchitecture() throws {
    let text = try AudioEncoder.random(.tiny).description
    let start = "AudioEncoder (2,956)  maskEmbedding [12]\n  extractor: "
    #expect(text.hasPrefix(start), "\(text)")
    #expect(text.contains("layers.0 ... layers.1, each: PostNormLayer"), "\(text)")
    let folded = "query ... output, each: Linear (156)  weight [12, 12], bias [12]"
    #expect(text.contains(folded), "\(text)")
  }
}

/// The paths of all tensors that a value stores, by reflection.
func storedTensors(in value: Any, path: String = "") -> [String] {
  if value is Tensor { return [path] }
  let mirror = Mirror(reflecting: value)
  if mirror.displayStyle == .optional {
    return mirror.children.first.map { storedTensors(in: $0.value, path: path) } ?? []
  }
  return mirror.children.enumerated().flatMap { index, child in
    let name = mirror.displayStyle == .collection ? "\(index)" : child.label ?? "\(index)"
    return storedTensors(in: child.value, path: path.isEmpty ? name : "\(path).\(name)")
  }
}
