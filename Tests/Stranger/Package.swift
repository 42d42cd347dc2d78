// swift-tools-version: 6.1
import PackageDescription

/// A product of Etude.
func etude(_ product: String) -> Target.Dependency { .product(name: product, package: "Etude") }

/// Programs of a user of the library. Each depends on the products that it needs and no others.
let package = Package(
  name: "Stranger",
  dependencies: [.package(name: "Etude", path: "../..")],
  targets: [
    .executableTarget(
      name: "Training", dependencies: [etude("Tensor"), etude("Models"), etude("Optimisation")]),
    .executableTarget(name: "Spectrogram", dependencies: [etude("Tensor"), etude("Audio")]),
    .executableTarget(
      name: "FineTuning", dependencies: [etude("Tensor"), etude("Models"), etude("Optimisation")]),
  ]
)
