import Cluster
import Foundation
import Tensor
import Testing

/// What ranks do together, and how they fail together.
@Suite struct RanksTests {
  private struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// The words of what each rank failed by; nil of one that did not.
  private func failures<Value: Sendable>(
    ranks: Int, seconds: Double = 60, _ body: @escaping @Sendable (Ranks) throws -> Value
  ) -> [String?] {
    ThreadCommunicator.outcomes(ranks: ranks, patience: Patience(seconds: seconds), body).map {
      guard case .failure(let error) = $0 else { return nil }
      return "\(error)"
    }
  }

  @Test func bytesOfAnyLengthAreGathered() throws {
    let all = try ThreadCommunicator.run(ranks: 4) { ranks in
      try ranks.gather(Data(repeating: UInt8(ranks.rank), count: 3 * ranks.rank))
    }
    for own in all {
      #expect(own.map(\.count) == [0, 3, 6, 9] && own[2] == Data([2, 2, 2, 2, 2, 2]))
    }
  }

  @Test func theFirstLeads() throws {
    let all = try ThreadCommunicator.run(ranks: 3) { ranks in
      try ranks.lead { ["a": [ranks.rank == 0 ? Float.nan : 1, 0.1]] }
    }
    for own in all { #expect(own["a"]![0].isNaN && own["a"]![1] == 0.1) }
    let nothing = try ThreadCommunicator.run(ranks: 2) { try $0.lead { nil as Int? } }
    #expect(nothing == [nil, nil])
  }

  @Test func theOthersHearOfItsFailure() {
    let lines = failures(ranks: 3) { try $0.lead { throw Failure(description: "no room") } }
    #expect(lines == ["no room", "rank 0 on here: no room", "rank 0 on here: no room"])
  }

  @Test func allFailWithOne() {
    let lines = failures(ranks: 3) { ranks in
      try ranks.agree { if ranks.rank == 1 { throw Failure(description: "no file") } }
    }
    #expect(lines == ["rank 1 on here: no file", "no file", "rank 1 on here: no file"])
  }

  /// A network disk may show late what another host has made on it.
  @Test func ranksWaitForWhatTheFirstMade() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "seen-\(UUID())")
    defer { try? FileManager.default.removeItem(at: file) }
    let missing = failures(ranks: 2) { try $0.waitToSee([file], for: 0.3) }
    #expect(
      missing.allSatisfy {
        $0?.hasPrefix("rank 0 on here does not see \(file.path), which") == true
      },
      "\(missing)")
    let seen = failures(ranks: 2) { ranks in
      if ranks.rank == 1 {
        usleep(300_000)
        try Data().write(to: file)
      }
      try ranks.waitToSee([file])
    }
    #expect(seen == [nil, nil])
  }

  @Test func othersFindWhatTheFirstMade() throws {
    final class Shelf: @unchecked Sendable { var made = 0 }
    let shelf = Shelf()
    let found = try ThreadCommunicator.run(ranks: 3) { ranks in
      try ranks.inTurn {
        if ranks.isFirst {
          usleep(20_000)
          shelf.made = 5
        }
        return shelf.made
      }
    }
    #expect(found == [5, 5, 5])
  }

  @Test func anotherTextIsNamed() {
    let lines = failures(ranks: 3) { try $0.check("recipe", is: $0.rank == 2 ? "b" : "a") }
    #expect(
      lines.allSatisfy {
        $0 == "rank 2 on here has another recipe than rank 0 on here; all ranks need the same"
      })
  }

  @Test func aRankThatDoesNotAnswerIsNamed() {
    let lines = failures(ranks: 3, seconds: 0.2) { ranks in
      if ranks.rank != 2 { _ = try ranks.gather(1, ranks.patience) }
    }
    #expect(lines[0]?.contains("rank 2") == true && lines[1]?.contains("rank 2") == true)
  }

  @Test func tensorsAreBroadcast() throws {
    let all = try ThreadCommunicator.run(ranks: 3) { ranks in
      let own = ["a": Tensor([1.5, .nan]), "b": Tensor([3, 4] as [Int32]), "c": Tensor(2)]
      return try ranks.broadcast(ranks.isFirst ? own : [:])
    }
    for own in all {
      #expect(own["a"]!.scalars[0] == 1.5 && own["a"]!.scalars[1].isNaN)
      #expect(own["b"]!.integers == [3, 4] && own["c"]!.shape == [])
    }
  }

  @Test func bundlesAreRead() throws {
    let tensors = [
      "a": Tensor([1, 2, 3, 4], shape: [2, 2]), "b": Tensor([BFloat16(0.5)]), "": Tensor(3),
    ]
    let read = try TensorBundle.tensors(TensorBundle.data(tensors))
    #expect(read.keys.sorted() == ["", "a", "b"])
    #expect(read["a"]!.scalars == [1, 2, 3, 4] && read["a"]!.shape == [2, 2])
    #expect(read["b"]!.dtype == .bfloat16 && read["b"]!.scalars == [0.5])
    #expect(throws: (any Error).self) {
      try TensorBundle.tensors(TensorBundle.data(tensors).dropLast(1))
    }
  }

  // MARK: - Control

  private func report(
    _ ranks: Ranks, step: Int = 3, stop: Bool = false, layout: UInt64 = 9
  ) -> ControlExchange.Report {
    ControlExchange.Report(
      step: step, outcome: .success(Data([UInt8(ranks.rank)])),
      wishes: ControlExchange.Wishes(stop: stop), layout: layout, seconds: Double(ranks.rank))
  }

  @Test func allHearFromAll() throws {
    let all = try ThreadCommunicator.run(ranks: 3) { ranks in
      let agreement = try ControlExchange(among: ranks).exchange(
        self.report(ranks, stop: ranks.rank == 1))
      return (agreement.outcomes, agreement.wishes.stop, agreement.seconds)
    }
    for own in all {
      #expect(own.0 == [Data([0]), Data([1]), Data([2])] && own.1 && own.2 == [0, 1, 2])
    }
  }

  @Test func aFailedStepEndsForAll() {
    let lines = failures(ranks: 3) { ranks in
      var report = self.report(ranks)
      if ranks.rank > 0 { report.outcome = .failure(Failure(description: "e\(ranks.rank)")) }
      _ = try ControlExchange(among: ranks).exchange(report)
    }
    #expect(lines == ["rank 1 on here: e1", "e1", "rank 1 on here: e1"])
  }

  @Test func otherStepsAndOtherParametersAreNamed() {
    let steps = failures(ranks: 2) {
      _ = try ControlExchange(among: $0).exchange(self.report($0, step: 3 + $0.rank))
    }
    #expect(steps.allSatisfy { $0?.hasPrefix("rank 1 on here is in step 4 and rank 0") == true })
    let layouts = failures(ranks: 2) {
      _ = try ControlExchange(among: $0).exchange(self.report($0, layout: UInt64($0.rank)))
    }
    #expect(layouts.allSatisfy { $0?.contains("gradients of other parameters") == true })
  }

  // MARK: - Launchers

  @Test func aLauncherPromisesRanks() {
    #expect(Launcher([:]).promised == nil)
    let openMPI = Launcher(["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "3"])
    #expect(openMPI.promised == 4 && openMPI.rank == 3)
    #expect(Launcher(["PMI_SIZE": "2", "PMI_RANK": "1"]).promised == 2)
    #expect(Launcher(["PMIX_RANK": "5"]).rank == 5)
    let slurm = Launcher(["PMIX_RANK": "1", "SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2"])
    #expect(slurm.promised == 2 && slurm.rank == 1)
    // `mpirun` starts its own processes by `srun`.
    let inside = Launcher([
      "OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "3", "SLURM_STEP_NUM_TASKS": "2",
    ])
    #expect(inside.promised == 4)
  }

  @Test func tasksOfSlurmThatDoNotKnowEachOtherAreRefused() throws {
    let tasks = Launcher(["SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2"])
    #expect(tasks.promised == 2 && tasks.rank == 1)
    let error = #expect(throws: ClusterError.self) { try tasks.communicator() }
    #expect("\(error!)".hasPrefix("Slurm started 2 tasks that know nothing of each other"))
    let one = Launcher(["SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1"])
    #expect(try one.communicator().size == 1)
    // A batch script of a job of four tasks is one process.
    let script = Launcher(["SLURM_PROCID": "0", "SLURM_NTASKS": "4"])
    #expect(try script.promised == nil && script.communicator().size == 1)
  }

  #if !MPI
    @Test func ranksNeedMPI() throws {
      let launcher = Launcher(["PMI_SIZE": "2", "PMI_RANK": "0"])
      let error = #expect(throws: ClusterError.self) { try launcher.communicator() }
      #expect("\(error!)".hasPrefix("MPICH started 2 ranks, and this etude is built without MPI"))
      #expect(try Launcher(["PMI_SIZE": "1", "PMI_RANK": "0"]).communicator().size == 1)
      #expect(try Launcher([:]).communicator().size == 1)
    }
  #endif
}
