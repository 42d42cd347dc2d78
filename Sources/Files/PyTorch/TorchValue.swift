import Tensor

/// What is written to a PyTorch file: Python's plain values and tensors, nothing that could be run.
package enum TorchValue {
  case none
  case flag(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([TorchValue])
  /// In this order.
  case dictionary([(key: String, value: TorchValue)])
  /// float32 or int32.
  case tensor(Tensor)

  /// A number with the digits that Python would print of it.
  package static func number(_ value: Float) -> TorchValue { .number(Double("\(value)")!) }
}
