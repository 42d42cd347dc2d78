// swift-tools-version: 6.1
import PackageDescription

/// Settings of every Swift target: Swift 6 mode, existentials spelled, imports per file.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A system library: a module map and thin inline shims, found through pkg-config.
func system(_ name: String, pkgConfig: String, apt: String, brew: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
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

/// Products are OpenBLAS's, and Accelerate's on Apple's systems. With the trait `OneDNN`, those of
/// bfloat16 and of CPUs with AVX-512 are oneDNN's; `Tensor/Products/OneDNN.swift` does without it.
let productLibraries: [Target.Dependency] = [
  .target(name: "COpenBLAS", condition: .when(platforms: [.linux])),
  .target(name: "COneDNN", condition: .when(platforms: [.linux], traits: ["OneDNN"])),
]

let package = Package(
  name: "Etude",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Etude", targets: ["Etude"]),
    .library(name: "Settings", targets: ["Settings", "YAML"]),
    .library(name: "Tensor", targets: ["Tensor"]),
    .library(name: "Files", targets: ["Files", "HDF5"]),
    .library(name: "Audio", targets: ["Audio"]),
    .library(name: "Corpus", targets: ["Corpus"]),
    .library(name: "Models", targets: ["Models"]),
    .library(name: "MelModels", targets: ["MelModels"]),
    .library(name: "Optimisation", targets: ["Optimisation"]),
    .library(name: "Pretrain", targets: ["Pretrain"]),
    .library(name: "Cluster", targets: ["Cluster"]),
    .library(name: "Train", targets: ["Train"]),
    .library(name: "Evaluate", targets: ["Evaluate"]),
    .executable(name: "etude", targets: ["Command"]),
  ],
  traits: [
    .trait(name: "OneDNN", description: "Multiply with oneDNN where it is faster, on Linux."),
    .trait(name: "MPI", description: "Train on several machines, with Open MPI or MPICH."),
    .default(enabledTraits: ["OneDNN"]),
  ],
  dependencies: [
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    system("COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev", brew: "openblas"),
    system("CSndFile", pkgConfig: "sndfile", apt: "libsndfile1-dev", brew: "libsndfile"),
    system("CMPG123", pkgConfig: "libmpg123", apt: "libmpg123-dev", brew: "mpg123"),
    system("CFFTW", pkgConfig: "fftw3f", apt: "libfftw3-dev", brew: "fftw"),
    system("CSoxr", pkgConfig: "soxr", apt: "libsoxr-dev", brew: "libsoxr"),
    system("CHDF5", pkgConfig: "hdf5", apt: "libhdf5-dev", brew: "hdf5"),
    .target(
      name: "COneDNN", dependencies: ["Kernels"],
      cSettings: [.define("ETUDE_ONEDNN", .when(platforms: [.linux], traits: ["OneDNN"]))],
      linkerSettings: [.linkedLibrary("dnnl", .when(platforms: [.linux], traits: ["OneDNN"]))]),
    // Debian's names are ompi-c and mpich. A program belongs to one of the two.
    system(
      "CMPISystem", pkgConfig: Context.environment["ETUDE_MPI"] ?? "ompi-c", apt: "libopenmpi-dev",
      brew: "open-mpi"),
    .target(
      name: "CMPI", dependencies: [.target(name: "CMPISystem", condition: .when(traits: ["MPI"]))],
      cSettings: [.define("ETUDE_MPI", .when(traits: ["MPI"]))]),
    .target(name: "Kernels"),

    storey("Settings", over: [], excluding: ["YAML"]),
    storey("YAML", over: ["Settings", yams], path: "Sources/Settings/YAML"),
    storey("Tensor", over: ["Kernels"] + productLibraries),
    storey("Files", over: ["Settings", "Tensor"], excluding: ["HDF5"]),
    storey("HDF5", over: ["Files", "Tensor", "CHDF5"], path: "Sources/Files/HDF5"),
    storey(
      "Audio",
      over: [
        "Settings", "Tensor", "Files", "HDF5", "CHDF5", "Kernels", "CSndFile", "CMPG123", "CFFTW",
        "CSoxr",
      ]),
    storey("Corpus", over: ["Settings", "Tensor", "Files", "Audio"]),
    storey("Models", over: ["Settings", "Tensor", "Files"], excluding: ["Mel"]),
    storey(
      "MelModels", over: ["Settings", "Tensor", "Files", "Audio", "Models"],
      path: "Sources/Models/Mel"),
    storey("Optimisation", over: ["Settings", "Tensor", "Models"]),
    storey(
      "Pretrain",
      over: [
        "Settings", "Tensor", "Files", "HDF5", "CHDF5", "Audio", "Corpus", "Models", "MelModels",
        "Optimisation",
      ]),
    storey(
      "Cluster",
      over: ["Tensor", "Files", .target(name: "CMPI", condition: .when(traits: ["MPI"]))]),
    storey(
      "Train",
      over: [
        "Settings", "YAML", "Tensor", "Files", "HDF5", "Audio", "Corpus", "Models", "MelModels",
        "Optimisation", "Pretrain", "Cluster",
      ]),
    storey(
      "Evaluate",
      over: [
        "Settings", "YAML", "Tensor", "Files", "Audio", "Corpus", "Models", "MelModels",
        "Optimisation", "Pretrain", "Cluster", "Train",
      ]),
    storey(
      "Benchmarks",
      over: [
        "Settings", "YAML", "Tensor", "Kernels", "Files", "Audio", "Models", "MelModels",
        "Optimisation", "Pretrain", "Train",
      ]),
    // The umbrella. The command's target has another name, for disks that take Etude and etude for one.
    .target(
      name: "Etude",
      dependencies: [
        "Settings", "YAML", "Tensor", "Files", "HDF5", "Audio", "Corpus", "Models", "MelModels",
        "Optimisation", "Pretrain", "Cluster", "Train", "Evaluate",
      ],
      path: "Sources/Umbrella", swiftSettings: strict),
    .executableTarget(
      name: "Command",
      dependencies: [
        "Settings", "YAML", "Tensor", "Files", "HDF5", "Audio", "Corpus", "Models", "MelModels",
        "Optimisation", "Pretrain", "Cluster", "Train", "Evaluate", "Benchmarks", argumentParser,
      ],
      path: "Sources/etude", swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["Settings", "YAML", "Tensor", "Files"],
      path: "Tests/TestSupport", swiftSettings: strict),
    .target(
      name: "MusicSupport", dependencies: ["Tensor", "Files", "Audio"], path: "Tests/MusicSupport",
      swiftSettings: strict),
    .target(
      name: "Fuzzing",
      dependencies: [
        "Settings", "YAML", "Tensor", "Files", "HDF5", "CHDF5", "Audio", "Corpus", "Models",
        "Optimisation", "Pretrain", "Train",
      ],
      path: "Tests/Fuzzing", swiftSettings: strict),
    .executableTarget(
      name: "fuzz", dependencies: ["Fuzzing", argumentParser], path: "Tests/Fuzz",
      swiftSettings: strict),
    tests("Fuzz", over: ["Fuzzing"]),
    tests("Settings", over: ["Settings", "YAML"]),
    tests("Tensor", over: ["Tensor", "Kernels"]),
    tests("Files", over: ["Tensor", "Files", "HDF5"]),
    tests(
      "Audio", over: ["MusicSupport", "Settings", "Tensor", "Files", "HDF5", "Audio", "Corpus"]),
    tests("Corpus", over: ["Settings", "Tensor", "Files", "Audio", "Corpus"]),
    tests("Models", over: ["Settings", "Tensor", "Files", "Models"]),
    tests("MelModels", over: ["Settings", "Tensor", "Files", "Audio", "Models", "MelModels"]),
    tests("Cluster", over: ["Tensor", "Cluster"]),
    tests("Optimisation", over: ["Settings", "Tensor", "Models", "Optimisation"]),
    tests(
      "Pretrain",
      over: [
        "MusicSupport", "Settings", "YAML", "Tensor", "Files", "HDF5", "CHDF5", "Audio", "Corpus",
        "Models",
        "Pretrain",
      ]),
    tests(
      "Train",
      over: [
        "Settings", "YAML", "Tensor", "Files", "HDF5", "Audio", "Corpus", "Models", "MelModels",
        "Optimisation", "Pretrain", "Cluster", "Train", "Benchmarks",
      ]),
    tests(
      "Evaluate",
      over: [
        "Settings", "YAML", "Tensor", "Files", "Audio", "Corpus", "Models", "MelModels",
        "Optimisation", "Pretrain", "Cluster", "Train",
        "Evaluate",
      ]),
    tests(
      "Command",
      over: [
        "Settings", "YAML", "Tensor", "Files", "Audio", "Models", "MelModels", "Optimisation",
        "Train", "Evaluate",
      ]),
  ],
  swiftLanguageModes: [.v6]
)

// Only scripts/docs sets this: whoever uses the library does not fetch what builds its documentation.
if Context.environment["ETUDE_DOCS"] != nil {
  package.dependencies.append(
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
