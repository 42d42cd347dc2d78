import Foundation
import Pretrain
import Tensor
import Testing

@Suite struct KMeansTests {
  static func cloud(_ frames: Int, _ width: Int) -> Tensor {
    let x = hashNoise(frames * width, salt: 1).enumerated().map { $1 / Float(1 + $0 % width) }
    return Tensor(x, shape: [frames, width])
  }

  static func blobs(_ frames: Int, _ width: Int, groups: Int) -> (Tensor, groups: [Int]) {
    let centres = hashNoise(groups * width, salt: 2).map { $0 * 16 + 200 }
    let which = hashNoise(frames, salt: 3).map { Int($0 * $0 * Float(groups)) }
    let spread = zip(hashNoise(frames * width, salt: 4), hashNoise(frames * width, salt: 5))
      .map { $0 + $1 - 1 }
    let x = spread.enumerated().map { i, s in centres[which[i / width] * width + i % width] + s }
    return (Tensor(x, shape: [frames, width]), which)
  }

  func config(_ clusters: Int, restarts: Int = 20, batch: Int = 1000) -> KMeans.Config {
    var config = KMeans.Config()
    (config.clusters, config.restarts, config.batchFrames) = (clusters, restarts, batch)
    return config
  }

  @Test func defaultsArePublished() throws {
    let config = KMeans.Config()
    #expect(config.batchFrames == 10_000 && config.passes == 100)
    #expect(config.restarts == 20 && config.patience == 100)
  }

  @Test(arguments: ["cloud", "blobs"], [UInt64(0), 1])
  func inertiaIsAsGoodAsScikitLearns(data: String, seed: UInt64) throws {
    let golden = try #require(PartsGolden.load().kmeans[data])
    let clusters = data == "cloud" ? 40 : 25
    let x = data == "cloud" ? Self.cloud(6000, 6) : Self.blobs(5000, 8, groups: 25).0
    let checksum = x.scalars.reduce(0.0) { $0 + Double($1) }
    try #require(abs(checksum / golden.checksum - 1) < 1e-9, "the data differ")
    let fitted = try KMeans.fit(x, config: config(clusters), seed: seed)
    let mean = golden.inertias.reduce(0, +) / Double(golden.inertias.count)
    #expect(fitted.inertia < 1.02 * mean, "ours \(fitted.inertia), scikit-learn's \(mean)")
    // The inertia is real: that of the codes and centroids, taken in Double.
    let (scalars, centroids) = (x.scalars, fitted.centroids.scalars)
    var exact = 0.0
    for (i, code) in try fitted.assign(x).enumerated() {
      for d in 0..<fitted.width {
        let difference =
          Double(scalars[i * fitted.width + d]) - Double(centroids[Int(code) * fitted.width + d])
        exact += difference * difference
      }
    }
    #expect(abs(fitted.inertia / exact - 1) < 1e-4)
    #expect(abs(fitted.meanSquaredDistance(x) * Double(x.shape[0]) / exact - 1) < 1e-4)
  }

  @Test func separatedBlobsAreRecovered() throws {
    let centres: [Float] = [-50, 0, 50, 120]
    let jitter = hashNoise(800, salt: 9).map { $0 - 0.5 }
    let x = Tensor(jitter.enumerated().map { centres[$0 / 2 % 4] + $1 }, shape: [400, 2])
    let fitted = try KMeans.fit(x, config: config(4), seed: 3)
    let codes = try fitted.assign(x)
    #expect(Set(codes).count == 4)
    for (i, code) in codes.enumerated() {
      #expect(code == codes[i % 4])
      #expect(abs(fitted.centroids.scalars[Int(code) * 2] - centres[i % 4]) < 0.1)
    }
    #expect(fitted.inertia / 400 < 0.2)
  }

  @Test func codesAreTheNearestCentroids() throws {
    let x = Self.cloud(3000, 5)
    let centroids = Tensor(hashNoise(35, salt: 7), shape: [7, 5])
    let codes = try KMeans(centroids: centroids, inertia: 0).assign(x)
    let (a, c) = (x.scalars, centroids.scalars)
    for (i, code) in codes.enumerated() {
      let distances = (0..<7).map { k in
        (0..<5).reduce(0.0) { sum, d in
          let difference = Double(a[i * 5 + d]) - Double(c[k * 5 + d])
          return sum + difference * difference
        }
      }
      #expect(distances[Int(code)] <= distances.min()! + 1e-6)
    }
  }

  /// Far from zero a product of raw features would have no digits left for the differences.
  @Test func codesSurviveALargeOffset() throws {
    let x = hashNoise(2000, salt: 11)
    let centroids: [Float] = [0.125, 0.375, 0.625, 0.875]
    let near = try KMeans(centroids: Tensor(centroids, shape: [4, 1]), inertia: 0)
      .assign(Tensor(x, shape: [2000, 1]))
    let far = try KMeans(centroids: Tensor(centroids.map { $0 + 4096 }, shape: [4, 1]), inertia: 0)
      .assign(Tensor(x.map { $0 + 4096 }, shape: [2000, 1]))
    #expect(zip(near, far).count { $0 != $1 } < 10)
  }

  @Test func tiesGoToTheLowestCode() throws {
    let centroids = Tensor([Float(1), 1, 3, 3], shape: [4, 1])
    let x = Tensor([Float(0), 1, 2, 5], shape: [4, 1])
    #expect(try KMeans(centroids: centroids, inertia: 0).assign(x) == [0, 0, 0, 2])
  }

  @Test func oneClusterIsTheMean() throws {
    let x = Self.cloud(500, 3)
    let fitted = try KMeans.fit(x, config: config(1, restarts: 2), seed: 0)
    #expect(try fitted.assign(x).allSatisfy { $0 == 0 })
    let mean = x.mean(axis: 0).scalars
    for (centroid, mean) in zip(fitted.centroids.scalars, mean) {
      #expect(abs(centroid - mean) < 0.01)
    }
  }

  @Test func asManyClustersAsFramesFitExactly() throws {
    let x = Tensor((0..<12).map { Float($0 * $0) }, shape: [12, 1])
    let fitted = try KMeans.fit(x, config: config(12), seed: 0)
    #expect(fitted.inertia < 1e-6)
    #expect(try Set(fitted.assign(x)).count == 12)
  }

  /// Three distinct frames cannot fill five clusters: two stay empty, and nothing breaks.
  @Test func emptyClustersStay() throws {
    let x = Tensor((0..<90).map { Float($0 % 3) * 10 }, shape: [90, 1])
    let fitted = try KMeans.fit(x, config: config(5, restarts: 3), seed: 1)
    let statistics = try CodeStatistics(codes: fitted.assign(x), clusters: 5)
    #expect(statistics.used == 3)
    #expect(abs(statistics.perplexity - 3) < 1e-9)
    #expect(fitted.inertia < 1e-6)
    #expect(fitted.centroids.scalars.allSatisfy { $0.isFinite })
  }

  @Test func sameSeedSameBits() throws {
    let x = Self.cloud(2000, 4)
    let first = try KMeans.fit(x, config: config(16, restarts: 3), seed: 5)
    let again = try KMeans.fit(x, config: config(16, restarts: 3), seed: 5)
    let other = try KMeans.fit(x, config: config(16, restarts: 3), seed: 6)
    #expect(first.centroids.scalars == again.centroids.scalars && first.inertia == again.inertia)
    #expect(first.centroids.scalars != other.centroids.scalars)
  }

  @Test func progressCountsSeedingsAndSteps() throws {
    var seeded: [Int] = []
    var distances: [Double] = []
    var last = 0
    _ = try KMeans.fit(Self.cloud(3000, 4), config: config(8, restarts: 4), seed: 0) {
      switch $0 {
      case .seeded(let restart, let all):
        seeded.append(restart)
        #expect(all == 4)
      case .fitted(let step, let all, let distance):
        #expect(step == last + 1 || last == 0)
        #expect(all == 300 && step <= all)
        last = step
        distances.append(distance)
      }
    }
    #expect(seeded == [1, 2, 3, 4])
    #expect(distances.count >= 100 && distances.last! <= distances[0])
  }

  @Test func worldsMistakesAreNamed() throws {
    let x = Self.cloud(20, 3)
    #expect(throws: KMeansError.tooFewFrames(frames: 20, clusters: 21)) {
      try KMeans.fit(x, config: config(21), seed: 0)
    }
    #expect(throws: KMeansError.tooFewFrames(frames: 0, clusters: 1)) {
      try KMeans.fit(.zeros([0, 3]), config: config(1), seed: 0)
    }
    for value in [Float.nan, .infinity] {
      var broken = x
      broken.update { $0[3 * 4 + 2] = value }
      #expect(throws: KMeansError.notFinite(frame: 4, channel: 2)) {
        try KMeans.fit(broken, config: config(2), seed: 0)
      }
    }
    #expect(throws: KMeansError.unusable(config(0))) {
      try KMeans.fit(x, config: config(0), seed: 0)
    }
  }

  @Test func tensorsCarryTheClustering() throws {
    let fitted = KMeans(centroids: Self.cloud(6, 4), inertia: 12.5)
    let read = try KMeans(tensors: fitted.tensors, file: "teacher.safetensors")
    #expect(read.centroids.scalars == fitted.centroids.scalars)
    #expect(read.centroids.shape == [6, 4] && read.inertia == 12.5)
  }

  @Test func brokenTensorsAreRefusedByName() throws {
    let good = KMeans(centroids: Self.cloud(6, 4), inertia: 1).tensors
    var broken = [good, good, good]
    broken[0]["centroids"] = nil
    broken[1]["centroids"] = .zeros([24])
    broken[2]["centroids"] = .full([6, 4], .nan)
    for tensors in broken {
      #expect {
        try KMeans(tensors: tensors, file: "teacher.safetensors")
      } throws: { error in
        "\(error)".hasPrefix("teacher.safetensors: ") && "\(error)".contains("'centroids'")
      }
    }
  }
}

@Suite struct CodeStatisticsTests {
  @Test func figuresFollowTheFrequencies() throws {
    let statistics = CodeStatistics(codes: [0, 0, 2, 2, 3, 3, 3, 3], clusters: 5)
    #expect(statistics.counts == [2, 0, 2, 4, 0])
    #expect(statistics.used == 3 && statistics.usage == 0.6)
    // ¼ ln 4 + ¼ ln 4 + ½ ln 2 = 1.5 ln 2
    #expect(abs(statistics.entropy - 1.5 * log(2)) < 1e-12)
    #expect(abs(statistics.perplexity - pow(2, 1.5)) < 1e-12)
  }

  @Test func collapseHasPerplexityOne() throws {
    #expect(CodeStatistics(codes: [4, 4, 4], clusters: 9).perplexity == 1)
  }
}
