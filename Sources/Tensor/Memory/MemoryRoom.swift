/// The memory that this process may still take.
package enum MemoryRoom {
  /// Whether `byteCount` bytes more fit the machine, the control group and the limit of addresses.
  package static func holds(_ byteCount: Int) -> Bool {
    let mapped = ProcessMemory.addresses + byteCount
    return OutOfMemory.fits(byteCount)
      && (ProcessMemory.addressLimit.map { mapped <= Int($0) } ?? true)
  }
}
