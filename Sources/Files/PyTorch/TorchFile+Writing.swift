import Foundation
import Tensor

extension TorchFile {
  /// Writes a value as `torch.save` does, atomically.
  ///
  /// `torch.load(weights_only=True)` opens the file, because it names no code other than the
  /// rebuilding of tensors.
  /// - Throws: `FileError`; `FileError.unsuitable` if the file would exceed 4 GiB.
  package static func write(_ root: TorchValue, to url: URL) throws {
    let pickle = PickleWriter(root)
    let name = url.deletingPathExtension().lastPathComponent
    do {
      try AtomicFile.write(to: url) { file in
        var zip = ZipWriter(file)
        try zip.add("\(name)/data.pkl", pickle.bytes)
        try zip.add("\(name)/byteorder", Data("little".utf8))
        for (key, tensor) in pickle.storages.enumerated() {
          try zip.add(
            "\(name)/data/\(key)", byteCount: tensor.elementCount * tensor.dtype.byteCount,
            checksum: tensor.checksum
          ) { try tensor.write(to: $0) }
        }
        try zip.add("\(name)/version", Data("3\n".utf8))
        try zip.finish()
      }
    } catch let problem as TorchProblem {
      throw FileError.unsuitable(path: url.path, reason: problem.text)
    }
  }
}

extension Tensor {
  /// The checksum of the elements as they are in memory.
  fileprivate var checksum: UInt32 {
    switch dtype {
    case .int32: read(as: Int32.self) { CRC32.checksum(of: UnsafeRawBufferPointer($0)) }
    default: read { CRC32.checksum(of: UnsafeRawBufferPointer($0)) }
    }
  }
}
