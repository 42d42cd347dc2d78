import Models
import Tensor

extension Module {
  /// Makes constants of the parameters that an optimiser's groups freeze; the others stay as they are.
  public mutating func freeze(by numbers: ParameterNumbers) {
    update { place, tensor in
      if numbers.isFrozen(place) { tensor = tensor.detached() }
    }
  }
}
