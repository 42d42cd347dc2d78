import Foundation
import Tensor
import TestSupport
import Testing

#if os(Linux)
  /// Tensors where the addresses of a process are limited, as under `ulimit -v`.
  @Suite struct MemoryLimitTests {
    /// Allows `mebibytes` beyond the addresses that are mapped now.
    static func allow(mebibytes: Int) {
      let limit = rlim_t(ProcessMemory.addresses + mebibytes << 20)
      var limits = rlimit(rlim_cur: limit, rlim_max: limit)
      #expect(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limits) == 0)
    }

    /// 90 of 100 MiB, in buffers that do not fit the step in which addresses are mapped.
    @Test func tensorsTakeWhatTheLimitAllows() async {
      await #expect(processExitsWith: .success) {
        MemoryLimitTests.allow(mebibytes: 100)
        let tensors = (0..<9).map { Tensor.full([10 << 18], Float($0)) }
        #expect(tensors.enumerated().allSatisfy { i, x in x.read { $0.last == Float(i) } })
      }
    }

    /// The program's own mappings stay possible: what tensors do not use is not reserved.
    @Test func addressesAreMappedAsTheyAreNeeded() async {
      await #expect(processExitsWith: .success) {
        let before = ProcessMemory.addresses
        let small = Tensor.zeros([1 << 20])
        #expect(ProcessMemory.addresses - before <= 1 << 30)
        withExtendedLifetime(small) {}
      }
    }

    /// Buffers in several ranges of addresses, since another mapping lies behind the first.
    @Test func aMappingInTheWay() async {
      await #expect(processExitsWith: .success) {
        let first = Tensor.full([1 << 20], 1)
        let address = first.read { UInt(bitPattern: $0.baseAddress!) }
        let next = UnsafeMutableRawPointer(bitPattern: (address >> 26 + 1) << 26)
        let other = mmap(next, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANON, -1, 0)
        #expect(other == next)
        let tensors = (0..<30).map { Tensor.full([10 << 18], Float($0)) }
        #expect(tensors.enumerated().allSatisfy { i, x in x.read { $0.last == Float(i) } })
        #expect(first.read { $0.allSatisfy { $0 == 1 } })
        let reserved = MemoryStatistics.current.reserved
        #expect(reserved >= 304 << 20 && reserved <= 370 << 20)
      }
    }

    @Test func theMessageNamesTheLimit() async throws {
      let result = await #expect(
        processExitsWith: .failure, observing: [\.standardErrorContent]
      ) {
        MemoryLimitTests.allow(mebibytes: 100)
        _ = Tensor.zeros([200 << 18])
      }
      let printed = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
      #expect(printed.contains("out of memory: tensors ask for 200 MiB, the process holds "))
      #expect(printed.contains("the limit is that of addresses (ulimit -v), "))
    }

    @Test func moreThanTheMachineHas() async throws {
      let result = await #expect(
        processExitsWith: .failure, observing: [\.standardErrorContent]
      ) {
        let all = Int(ProcessInfo.processInfo.physicalMemory) + ProcessMemory.swap
        _ = Tensor.zeros([all / 4])
      }
      let printed = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
      #expect(printed.contains("out of memory: tensors ask for "))
      #expect(printed.contains(" GiB, "))
    }
  }
#endif
