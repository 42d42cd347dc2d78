// swift-tools-version: 6.1
import PackageDescription

/// Settings of every Swift target: Swift 6 mode, existentials spelled, imports per file.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A system library: a module map and thin inline shims, found through pkg-config.
func system(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// One storey of the library. It may import what it lists here and nothing else.
///
/// - Parameters:
///   - path: Its folder, unless that is `Sources/` and its name.
///   - rooms: Folders in it that are targets of their own, because they need a library that it does not.
func storey(
  _ name: String, over dependencies: [Target.Dependency], path: String? = nil,
  excluding rooms: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: path, exclude: rooms, swiftSettings: strict)
}

/// The tests of one storey, with the helpers they share.
func tests(_ name: String, over dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: ["TestSupport"] + dependencies, swiftSettings: strict)
}

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let argumentParser: Target.Dependency =
  .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "Etude",
  products: [
    .library(name: "Tensor", targets: ["Tensor"]),
    .library(name: "Audio", targets: ["Audio"]),
    .library(name: "Models", targets: ["Models"]),
    .library(name: "Pretrain", targets: ["Pretrain"]),
    .library(name: "Train", targets: ["Train"]),
    .library(name: "Evaluate", targets: ["Evaluate"]),
    .executable(name: "etude", targets: ["etude"]),
  ],
  dependencies: [
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    system("COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev"),
    system("CSndFile", pkgConfig: "sndfile", apt: "libsndfile1-dev"),
    system("CMPG123", pkgConfig: "libmpg123", apt: "libmpg123-dev"),
    system("CFFTW", pkgConfig: "fftw3f", apt: "libfftw3-dev"),
    system("CSoxr", pkgConfig: "soxr", apt: "libsoxr-dev"),
    system("CHDF5", pkgConfig: "hdf5", apt: "libhdf5-dev"),
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl")]),
    .target(name: "Kernels"),

    storey("Settings", over: [], excluding: ["YAML"]),
    storey("YAML", over: ["Settings", yams], path: "Sources/Settings/YAML"),
    storey("Tensor", over: ["Settings", "Kernels", "COpenBLAS", "COneDNN"]),
    storey(
      "Audio", over: ["Settings", "Tensor", "Kernels", "CSndFile", "CMPG123", "CFFTW", "CSoxr"]),
    storey("Models", over: ["Settings", "Tensor"]),
    storey("Pretrain", over: ["Settings", "Tensor", "Audio", "Models", "CHDF5"]),
    storey("Train", over: ["Settings", "YAML", "Tensor", "Audio", "Models", "Pretrain"]),
    storey(
      "Evaluate", over: ["Settings", "YAML", "Tensor", "Audio", "Models", "Pretrain", "Train"]),
    .executableTarget(
      name: "etude",
      dependencies: [
        "Settings", "YAML", "Tensor", "Audio", "Models", "Pretrain", "Train", "Evaluate",
        argumentParser,
      ],
      swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["Tensor", "Models"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .target(
      name: "Fuzzing",
      dependencies: [
        "Settings", "YAML", "Tensor", "Audio", "Models", "Pretrain", "Train", "CHDF5",
      ],
      path: "Tests/Fuzzing",
      swiftSettings: strict),
    .executableTarget(
      name: "fuzz", dependencies: ["Fuzzing", argumentParser], path: "Tests/Fuzz",
      swiftSettings: strict),
    tests("Fuzz", over: ["Fuzzing"]),
    tests("Tensor", over: ["Settings", "Tensor", "Kernels"]),
    tests("Audio", over: ["Settings", "Audio", "Tensor"]),
    tests("Models", over: ["Settings", "Models", "Tensor"]),
    tests(
      "Pretrain", over: ["Settings", "YAML", "Pretrain", "Models", "Audio", "Tensor", "CHDF5"]),
    tests("Train", over: ["Settings", "YAML", "Train", "Pretrain", "Models", "Audio", "Tensor"]),
    tests(
      "Evaluate",
      over: ["Settings", "YAML", "Evaluate", "Train", "Pretrain", "Models", "Audio", "Tensor"]),
    tests("Command", over: ["Settings", "YAML", "Evaluate", "Train", "Models", "Audio", "Tensor"]),
  ],
  swiftLanguageModes: [.v6]
)
