import CHDF5
import Tensor

/// Writes HDF5 files as stores are, in which now and then a part is of another type, shape or layout.
struct OddStore {
  private let file: hid_t
  /// One part in so many is odd.
  private let rarity: Int

  /// What is stored in a table or an attribute.
  enum Content {
    case text(String)
    case numbers([Int])
    case reals([Float])
  }

  init(at path: String, using stream: inout RandomStream) {
    H5Eset_auto2(0, nil, nil)
    let access = H5Pcreate(chdf5_file_access())
    let version = stream.one(of: [H5F_LIBVER_V110, H5F_LIBVER_V110, H5F_LIBVER_V18])
    H5Pset_libver_bounds(access, version, version)
    file = H5Fcreate(path, chdf5_truncate(), 0, access)
    H5Pclose(access)
    rarity = stream.one(of: [8, 20, 60])
  }

  func close() { H5Fclose(file) }

  // MARK: Attributes

  func attribute(_ name: String, _ content: Content, using stream: inout RandomStream) {
    var (content, extent) = (content, [hsize_t]())
    if case .numbers(let numbers) = content { extent = [hsize_t(numbers.count)] }
    var isVariable = false
    if stream.once(in: rarity) {
      switch Int.random(in: 0..<7, using: &stream) {
      case 0: return
      case 1: content = .text(stream.oddText())
      case 2: content = .numbers([stream.oddInteger()])
      case 3: (content, extent) = (.numbers([Int](repeating: 2, count: 5000)), [5000])
      case 4: extent = [3]
      case 5: extent = [0]
      default: isVariable = true
      }
    }
    write(name, content, extent, isVariable)
  }

  private func write(
    _ name: String, _ content: Content, _ extent: [hsize_t], _ isVariable: Bool
  ) {
    let space =
      extent.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(extent.count), extent, nil)
    let count = max(1, Int(extent.first ?? 1))
    switch content {
    case .text(let text):
      let bytes = Array(text.utf8) + [0]
      let type = H5Tcopy(chdf5_character())
      H5Tset_size(type, isVariable ? -1 : bytes.count)
      H5Tset_cset(type, H5T_CSET_UTF8)
      let attribute = H5Acreate2(file, name, type, space, 0, 0)
      if !isVariable {
        H5Awrite(attribute, type, (0..<count).flatMap { _ in bytes })
      }
      H5Aclose(attribute)
      H5Tclose(type)
    case .numbers(let numbers):
      let attribute = H5Acreate2(file, name, chdf5_stored_int64(), space, 0, 0)
      H5Awrite(attribute, chdf5_int64(), (0..<count).map { numbers[$0 % max(1, numbers.count)] })
      H5Aclose(attribute)
    case .reals(let reals):
      let attribute = H5Acreate2(file, name, chdf5_stored_float(), space, 0, 0)
      H5Awrite(attribute, chdf5_float(), reals)
      H5Aclose(attribute)
    }
    H5Sclose(space)
  }

  // MARK: Tables

  /// How a table lies in the file.
  private struct Layout {
    var sides: [hsize_t]
    var chunk: [hsize_t]
    var filters = "checksum"
    var isChunked = true
    var type: hid_t
    var isWritten = true
  }

  /// A table of two axes.
  func table(
    _ name: String, _ content: Content, sides: [Int], stored: hid_t,
    using stream: inout RandomStream
  ) {
    if stream.once(in: 5 * rarity) {
      H5Gclose(H5Gcreate2(file, name, 0, 0, 0))
      return
    }
    var layout = Layout(
      sides: sides.map { hsize_t(max(0, $0)) }, chunk: sides.map { hsize_t(max(1, min($0, 64))) },
      type: stored)
    if stream.once(in: rarity) { distort(&layout, using: &stream) }
    let plan = H5Pcreate(chdf5_dataset_creation())
    if layout.isChunked { H5Pset_chunk(plan, Int32(layout.chunk.count), layout.chunk) }
    if layout.filters.contains("deflate") { H5Pset_deflate(plan, 9) }
    if layout.filters.contains("checksum") { H5Pset_fletcher32(plan) }
    let space = H5Screate_simple(Int32(layout.sides.count), layout.sides, nil)
    let table = H5Dcreate2(file, name, layout.type, space, 0, plan, 0)
    let count = layout.sides.reduce(1) { $0 &* Int(truncatingIfNeeded: $1) }
    if layout.isWritten, table >= 0, (1...1 << 16).contains(count) {
      write(content, count, to: table)
    }
    H5Dclose(table)
    H5Sclose(space)
    H5Pclose(plan)
  }

  private func distort(_ layout: inout Layout, using stream: inout RandomStream) {
    let axis = Int.random(in: 0..<layout.sides.count, using: &stream)
    switch Int.random(in: 0..<10, using: &stream) {
    case 0: layout.sides[axis] += 1
    case 1: layout.sides[axis] = layout.sides[axis] > 0 ? layout.sides[axis] - 1 : 3
    case 2: layout.sides[axis] = hsize_t(stream.one(of: [0, 1 << 20, 1 << 31, 1 << 40, 1 << 62]))
    case 3:
      (layout.sides, layout.chunk) = (layout.sides + [1], layout.chunk + [1])
    case 4: (layout.sides, layout.chunk) = ([layout.sides[0]], [layout.chunk[0]])
    case 5: layout.chunk[axis] = hsize_t(stream.one(of: [1, 1000, 1 << 20, 1 << 28, 1 << 31]))
    case 6: layout.filters = stream.one(of: ["", "deflate", "deflate checksum"])
    case 7: (layout.isChunked, layout.filters) = (false, "")
    case 8:
      layout.type = stream.one(of: [
        chdf5_stored_float(), chdf5_stored_int64(), chdf5_stored_uint8(), chdf5_character(),
        chdf5_stored_uint16(),
      ])
    default: layout.isWritten = false
    }
  }

  private func write(_ content: Content, _ count: Int, to table: hid_t) {
    switch content {
    case .numbers(let numbers):
      let all = (0..<count).map { numbers.isEmpty ? 0 : numbers[$0 % numbers.count] }
      H5Dwrite(table, chdf5_int64(), 0, 0, 0, all)
    case .reals(let reals):
      let all = (0..<count).map { reals.isEmpty ? 0 : reals[$0 % reals.count] }
      H5Dwrite(table, chdf5_float(), 0, 0, 0, all)
    case .text: break
    }
  }
}
