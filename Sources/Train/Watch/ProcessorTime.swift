import Foundation

/// The processor time of this process.
enum ProcessorTime {
  /// Seconds that all its threads together have computed since it began, in the program and in the system's calls.
  static var seconds: Double {
    var time = timespec()
    guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return .nan }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
