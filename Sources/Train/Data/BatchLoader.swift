import Audio
import Foundation
import Pretrain
import Tensor

/// Makes the crops of the next batches while a batch is learned from.
///
/// A crop is a function of its number, so the batches have the same bits whichever thread makes it. Threads of
/// the lowest priority make crops ahead with what the step leaves of the cores; when a batch is asked for,
/// what is not ready is made at once on all cores, also what such a thread has begun. So the step never
/// waits for one of them, and at worst reads its own data. A crop that fails in the background is made
/// again by the step that needs it, which then has the error.
public final class BatchLoader: BatchSource {
  private let sampler: CropSampler
  private let shelf: Shelf
  private let ahead: Int
  private let batches: Int
  private let deal: BatchDeal

  /// - Parameters:
  ///   - sampler: What draws the crops.
  ///   - batches: Those of the run; nothing is made for later ones.
  ///   - ahead: For how many batches crops are kept.
  ///   - workers: Threads that make crops ahead.
  public convenience init(
    _ sampler: CropSampler, batches: Int, ahead: Int = 2, workers: Int = 1
  ) {
    self.init(sampler, batches: batches, ahead: ahead, workers: workers, BatchDeal(of: 1))
  }

  /// - Parameter deal: Which batches are asked for, one after the other.
  init(_ sampler: CropSampler, batches: Int, ahead: Int = 2, workers: Int = 1, _ deal: BatchDeal) {
    (self.sampler, self.batches, self.ahead, self.deal) = (sampler, batches, ahead, deal)
    let shelf = Shelf()
    self.shelf = shelf
    for worker in 0..<workers {
      let thread = Thread {
        yieldCores()
        Cores.alone { shelf.fill(by: sampler.crop) }
      }
      thread.name = "etude loader \(worker)"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  deinit { shelf.close() }

  /// The sample numbers of a batch.
  public func samples(ofBatch number: Int) -> Range<Int> { sampler.samples(ofBatch: number) }

  /// The crops of an epoch.
  public var samplesPerEpoch: Int? { sampler.count }

  /// A batch by its number, counted over all steps.
  /// - Throws: `AudioError` if a file cannot be decoded any more, `LabelError` if its labels cannot be read.
  public func batch(_ number: Int) throws -> Batch {
    let samples = sampler.samples(ofBatch: number)
    let following = deal.following(number, count: ahead).filter { $0 < batches }
    let ready = shelf.take(samples, next: following.flatMap { sampler.samples(ofBatch: $0) })
    let crops = try Cores.map(samples.count) { row in
      try ready[row] ?? sampler.crop(samples.lowerBound + row)
    }
    return sampler.batch(of: samples, crops: crops)
  }
}

extension BatchLoader {
  /// The files that the crops of some batches are cut from, each once.
  public func files(ofBatches batches: Range<Int>) -> [String] {
    var files: [String] = []
    for sample in batches.flatMap({ sampler.samples(ofBatch: $0) }) {
      let file = sampler.file(of: sample)
      if !files.contains(file) { files.append(file) }
    }
    return files
  }
}

/// Leaves the cores to others: against the step's threads, this one gets some 1.5 % of a core. Not
/// SCHED_IDLE, which gets nothing on a busy machine and then keeps whatever lock it holds.
private func yieldCores() {
  #if canImport(Darwin)
    pthread_set_qos_class_self_np(QOS_CLASS_BACKGROUND, 0)
  #else
    var normal = sched_param()
    sched_setscheduler(0, SCHED_OTHER, &normal)
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
  #endif
}

/// Crops made ahead, by number.
private final class Shelf: @unchecked Sendable {
  // Safe to share: everything is read and changed under `condition`.
  private let condition = NSCondition()
  private var crops: [Int: CropSampler.Crop] = [:]
  /// Those that are wanted and that no thread has begun, in order.
  private var waiting: [Int] = []
  /// Those that are wanted and that a thread has begun.
  private var begun: Set<Int> = []
  private var isClosed = false

  /// Makes what is wanted, one crop after the other, until the shelf is closed.
  func fill(by make: (Int) throws -> CropSampler.Crop) {
    while let number = claim() {
      if let crop = try? make(number) { put(crop, as: number) }
    }
  }

  /// Takes the crops that are ready, and sets which are wanted from now on.
  func take(_ numbers: Range<Int>, next following: [Int]) -> [CropSampler.Crop?] {
    condition.withLock {
      let taken = numbers.map { crops[$0] }
      begun.formIntersection(following)
      crops = crops.filter { begun.contains($0.key) }
      waiting = following.filter { !begun.contains($0) }
      condition.broadcast()
      return taken
    }
  }

  func close() {
    condition.withLock {
      isClosed = true
      condition.broadcast()
    }
  }

  private func claim() -> Int? {
    condition.withLock {
      while !isClosed && waiting.isEmpty { condition.wait() }
      guard !isClosed else { return nil }
      let number = waiting.removeFirst()
      begun.insert(number)
      return number
    }
  }

  private func put(_ crop: CropSampler.Crop, as number: Int) {
    condition.withLock { if begun.contains(number) { crops[number] = crop } }
  }
}
