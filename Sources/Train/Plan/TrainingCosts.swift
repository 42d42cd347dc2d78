import Tensor

/// What one kind of training costs, part by part. Its encoded form is part of the plan's.
public protocol TrainingCosts: Encodable, Sendable {
  /// How many numbers the encoder learns, which is all or a part of the model that is kept.
  var encoderParameters: Int { get }
  /// How many numbers are learned by gradients, those included that only the training uses.
  var parameters: Int { get }
  /// What it learns, in numbers.
  var parameterParts: [PlannedPart] { get }
  /// The operations of a step's products, part by part, the sum first.
  var productParts: [PlannedPart] { get }
  /// The bytes that a step holds at its most, part by part, the most first. Parts that are not held at once do not add
  /// up to it.
  var memoryParts: [PlannedPart] { get }
  /// Operations of a step's products.
  var operations: Double { get }
  /// The most bytes that a step holds at once.
  var peakBytes: Double { get }
}

extension TrainingRecipe {
  /// Checks that a step's bytes are there.
  /// - Throws: `RunError.memory`.
  func check(bytes needed: Double, available: UsableMemory, remedy: String) throws {
    let beside = available.limit == .addresses ? ProcessMemory.addressesBesideTensors : 0
    let needed = needed + Double(beside)
    guard needed <= Double(available.bytes) else {
      throw RunError.memory(name, needed: needed, available: available, remedy: remedy)
    }
  }
}

/// A line of a plan.
public struct PlannedPart: Sendable, Equatable {
  /// In words.
  public var name: String
  /// How many numbers, operations or bytes.
  public var amount: Double
  /// The number of parts that it is a part of.
  public var depth: Int

  /// - Parameters:
  ///   - name: In words.
  ///   - amount: How many numbers, operations or bytes.
  ///   - depth: The number of parts that it is a part of; 0 unless given.
  public init(_ name: String, _ amount: Double, depth: Int = 0) {
    (self.name, self.amount, self.depth) = (name, amount, depth)
  }
}
