/// What a block of a model costs, known before one is built: plans, estimates of memory and readers of
/// files ask the block for it.
public struct BlockCost: Sendable, Equatable {
  /// Numbers that it learns.
  public var parameters: Int
  /// Tensors in which they are.
  public var tensors: Int
  /// Multiplications of its products in a forward pass, each with its addition, for one frame.
  public var products: Int
  /// Numbers that it keeps of one frame for the backward pass.
  public var kept: Int

  /// All of them.
  public init(parameters: Int = 0, tensors: Int = 0, products: Int = 0, kept: Int = 0) {
    (self.parameters, self.tensors) = (parameters, tensors)
    (self.products, self.kept) = (products, kept)
  }

  /// What both cost together.
  public static func + (a: BlockCost, b: BlockCost) -> BlockCost {
    BlockCost(
      parameters: a.parameters + b.parameters, tensors: a.tensors + b.tensors,
      products: a.products + b.products, kept: a.kept + b.kept)
  }

  /// The same, but for the numbers that are kept of one frame.
  public func keeping(_ kept: Int) -> BlockCost {
    BlockCost(parameters: parameters, tensors: tensors, products: products, kept: kept)
  }
}
