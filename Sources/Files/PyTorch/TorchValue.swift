import Tensor

/// A value for a PyTorch file: plain Python values and tensors, nothing that could be run.
package enum TorchValue {
  case none
  case flag(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([TorchValue])
  /// The entries, in this order.
  case dictionary([(key: String, value: TorchValue)])
  /// A float32 or int32 tensor.
  case tensor(Tensor)

  /// A number with the digits that Python would print.
  package static func number(_ value: Float) -> TorchValue { .number(Double("\(value)")!) }
}
