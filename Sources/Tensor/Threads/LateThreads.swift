import Kernels

/// Helper threads that have work and get no CPU time, because another process has their core.
///
/// Left alone, such a thread waits until the system's next tick, some milliseconds, and a loop of
/// microseconds waits with it. A sleeping thread's core is free, but systems seldom move a thread
/// there for so short a time, so it is asked for (`sched_setaffinity`) and undone afterwards.
struct LateThreads {
  private struct Thread {
    let number: Int32
    let nanoseconds: Int64
    var core: Int32 = -1
    var allowed = EtudeCoreSet()
  }

  private var threads: [Thread]

  /// Notes the CPU time of threads that work.
  init(among numbers: [Int32?]) {
    threads = numbers.compactMap { number in
      number.map { Thread(number: $0, nanoseconds: etude_thread_nanoseconds($0)) }
    }
  }

  /// Moves the threads that had no CPU time since to the core of the calling thread, which must
  /// sleep afterwards. Returns whether there are any.
  mutating func bringHere() -> Bool {
    for i in threads.indices {
      let (number, before) = (threads[i].number, threads[i].nanoseconds)
      guard before >= 0, etude_thread_nanoseconds(number) == before else { continue }
      threads[i].core = etude_bring_thread(number, &threads[i].allowed)
    }
    return threads.contains { $0.core >= 0 }
  }

  /// Restores what `bringHere` changed.
  mutating func sendBack() {
    for i in threads.indices where threads[i].core >= 0 {
      etude_send_thread_back(threads[i].number, threads[i].core, &threads[i].allowed)
    }
  }
}
