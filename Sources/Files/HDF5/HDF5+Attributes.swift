import CHDF5

extension HDF5Handle {
  package func write(_ numbers: [Int], as name: String) throws {
    let count = [hsize_t(numbers.count)]
    let space = try HDF5Handle.space(count)
    let values = numbers.map(Int64.init)
    try write(name, type: chdf5_int64(), stored: chdf5_stored_int64(), space: space, values)
  }

  package func write(_ text: String, as name: String) throws {
    let bytes = Array(text.utf8)
    let type = try HDF5Handle.textType(bytes: max(bytes.count, 1))
    let space = try HDF5Handle(H5Screate(H5S_SCALAR), "no memory") { H5Sclose($0) }
    try write(name, type: type.id, stored: type.id, space: space, bytes.isEmpty ? [0] : bytes)
  }

  private func write<T: BitwiseCopyable>(
    _ name: String, type: hid_t, stored: hid_t, space: HDF5Handle, _ values: [T]
  ) throws {
    let attribute = try HDF5Handle(
      H5Acreate2(id, name, stored, space.id, 0, 0), "attribute '\(name)' cannot be written"
    ) { H5Aclose($0) }
    try HDF5.check(
      H5Awrite(attribute.id, type, values), "attribute '\(name)' cannot be written")
  }

  package func numbers(_ name: String) throws -> [Int] {
    let attribute = try attribute(name)
    let space = try HDF5Handle(H5Aget_space(attribute.id), "no memory") { H5Sclose($0) }
    let count = H5Sget_simple_extent_npoints(space.id)
    guard try attribute.isAttribute(of: H5T_INTEGER), (1...4096).contains(count) else {
      throw HDF5.Failure(what: "attribute '\(name)' is not a list of numbers")
    }
    var values = [Int64](repeating: 0, count: Int(count))
    try HDF5.check(
      H5Aread(attribute.id, chdf5_int64(), &values), "attribute '\(name)' cannot be read")
    return values.map { Int($0) }
  }

  package func number(_ name: String) throws -> Int {
    let numbers = try numbers(name)
    guard numbers.count == 1 else {
      throw HDF5.Failure(what: "attribute '\(name)' is not one number")
    }
    return numbers[0]
  }

  package func text(_ name: String) throws -> String {
    let attribute = try attribute(name)
    let space = try HDF5Handle(H5Aget_space(attribute.id), "no memory") { H5Sclose($0) }
    let size = Int(H5Aget_storage_size(attribute.id))
    guard try attribute.isAttribute(of: H5T_STRING), (1...1 << 20).contains(size),
      H5Sget_simple_extent_npoints(space.id) == 1
    else {
      throw HDF5.Failure(what: "attribute '\(name)' is not text")
    }
    var bytes = [UInt8](repeating: 0, count: size)
    let type = try HDF5Handle.textType(bytes: size)
    try HDF5.check(H5Aread(attribute.id, type.id, &bytes), "attribute '\(name)' cannot be read")
    let text = bytes.prefix { $0 != 0 }
    guard let string = String(validating: text, as: UTF8.self) else {
      throw HDF5.Failure(what: "attribute '\(name)' is not UTF-8")
    }
    return string
  }

  private func attribute(_ name: String) throws -> HDF5Handle {
    try HDF5Handle(H5Aopen(id, name, 0), "attribute '\(name)' is missing") { H5Aclose($0) }
  }

  private func isAttribute(of kind: H5T_class_t) throws -> Bool {
    let type = try HDF5Handle(H5Aget_type(id), "broken attribute") { H5Tclose($0) }
    return H5Tget_class(type.id) == kind && H5Tis_variable_str(type.id) <= 0
  }

  private static func textType(bytes: Int) throws -> HDF5Handle {
    let type = try HDF5Handle(H5Tcopy(chdf5_character()), "no memory") { H5Tclose($0) }
    try HDF5.check(H5Tset_size(type.id, bytes), "no memory")
    try HDF5.check(H5Tset_cset(type.id, H5T_CSET_UTF8), "no UTF-8")
    try HDF5.check(H5Tset_strpad(type.id, H5T_STR_NULLPAD), "no padding")
    return type
  }
}
