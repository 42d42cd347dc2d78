import CHDF5
import Files
import Foundation
import HDF5
import Pretrain
import TestSupport
import Testing

/// HDF5 allows more than a store has: nothing of it is believed.
@Suite struct StoreLayoutTests {
  /// A label store, but for one part.
  enum Fault: String, CaseIterable, Codable, CustomTestStringConvertible {
    case unchecked, packed, contiguous, hugeChunks, severalTexts

    var testDescription: String { rawValue }

    var words: String {
      self == .severalTexts
        ? "is an HDF5 file, but not a label store"
        : "table 'files' is not stored in chunks with checksums"
    }
  }

  @Test(arguments: Fault.allCases)
  func anotherLayoutIsRefused(fault: Fault) throws {
    let path = NSTemporaryDirectory() + "etude-layout-\(UUID().uuidString).h5"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try write(fault, to: path)
    let text = complaint { _ = try LabelStore(at: path) }
    #expect(text.hasPrefix("\(path): \(fault.words); make the labels again"), "\(text)")
  }

  private func write(_ fault: Fault, to path: String) throws {
    let access = H5Pcreate(chdf5_file_access())
    H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110)
    let file = H5Fcreate(path, chdf5_truncate(), 0, access)
    defer {
      H5Fclose(file)
      H5Pclose(access)
    }
    // Three texts where one belongs: read as one, they would be three times as long as its room.
    text("etude labels", as: "format", count: fault == .severalTexts ? 3 : nil, in: file)
    text("test", as: "teacher", in: file)
    text("test", as: "creator", in: file)
    for (name, value) in [
      ("version", 1), ("sample_rate", 24_000), ("hop", 320), ("codebook_sizes", 5),
    ] {
      number(Int64(value), as: name, in: file)
    }
    table("codes", [0, 1, 2], [1, 3], nil, in: file)
    table("files", [3, 1, 960, 7], [4, 1], fault, in: file)
    table("names", [97], [1, 1], nil, in: file)
  }

  private func text(_ text: String, as name: String, count: Int? = nil, in file: hid_t) {
    let type = H5Tcopy(chdf5_character())
    H5Tset_size(type, text.utf8.count)
    H5Tset_cset(type, H5T_CSET_UTF8)
    H5Tset_strpad(type, H5T_STR_NULLPAD)
    let space = count.map { H5Screate_simple(1, [hsize_t($0)], nil) } ?? H5Screate(H5S_SCALAR)
    let attribute = H5Acreate2(file, name, type, space, 0, 0)
    let bytes = (0..<(count ?? 1)).flatMap { _ in Array(text.utf8) }
    H5Awrite(attribute, type, bytes)
    H5Aclose(attribute)
    H5Sclose(space)
    H5Tclose(type)
  }

  private func number(_ value: Int64, as name: String, in file: hid_t) {
    let space = H5Screate_simple(1, [1], nil)
    let attribute = H5Acreate2(file, name, chdf5_stored_int64(), space, 0, 0)
    H5Awrite(attribute, chdf5_int64(), [value])
    H5Aclose(attribute)
    H5Sclose(space)
  }

  private func table(
    _ name: String, _ values: [Int64], _ sides: [hsize_t], _ fault: Fault?, in file: hid_t
  ) {
    let layout = H5Pcreate(chdf5_dataset_creation())
    let chunk: [hsize_t] = fault == .hugeChunks ? [1 << 12, 1 << 12] : [4, 4]
    if fault != .contiguous { H5Pset_chunk(layout, 2, chunk) }
    if fault == .packed { H5Pset_deflate(layout, 9) }
    if ![.unchecked, .contiguous].contains(fault) { H5Pset_fletcher32(layout) }
    let most = fault == .contiguous ? nil : [hsize_t](repeating: chdf5_unlimited(), count: 2)
    let space = H5Screate_simple(2, sides, most)
    let table = H5Dcreate2(file, name, chdf5_stored_int64(), space, 0, layout, 0)
    H5Dwrite(table, chdf5_int64(), 0, 0, 0, values)
    H5Dclose(table)
    H5Sclose(space)
    H5Pclose(layout)
  }
}
