import Tensor

extension GoldenTests {
  /// Activations, functions and selections (`Tests/Golden/elementwise.py`).
  static let activations: [String: Op] = [
    "tanh": { $0[0].tanh() },
    "sigmoid": { $0[0].sigmoid() },
    "logSigmoid": { $0[0].logSigmoid() },
    "softplus": { $0[0].softplus() },
    "relu": { $0[0].relu() },
    "leakyReLU": { $0[0].leakyReLU(slope: 0.3) },
    "elu": { $0[0].elu(alpha: 0.7) },
    "silu": { $0[0].silu() },
    "glu": { $0[0].glu() },
  ]

  static let selections: [String: Op] = [
    "abs": { $0[0].abs() },
    "sin": { $0[0].sin() },
    "cos": { $0[0].cos() },
    "raised": { $0[0].raised(to: -1.7) },
    "cubed": { $0[0].raised(to: 3) },
    "clamped": { $0[0].clamped(lower: -0.5, upper: 1) },
    "clampedBelow": { $0[0].clamped(lower: 0.5) },
    "maximumOfTwo": { .maximum($0[0], $0[1]) },
    "minimumOfTwo": { .minimum($0[0], $0[1]) },
    "maximumWithRow": { .maximum($0[0], $0[1]) },
    "maximumWithNumber": { .maximum($0[0], 0.5) },
    "replacing": { $0[0].replacing(with: $0[1], where: $0[2]) },
    "replacingWithNumber": { $0[0].replacing(with: -2, where: $0[1]) },
  ]
}
