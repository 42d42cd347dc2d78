import Foundation
import Tensor

extension TorchFile {
  /// Writes a value as `torch.save` would, atomically.
  ///
  /// `torch.load(weights_only=True)` opens it: nothing in it names what could be run.
  /// - Throws: `FileError`; `FileError.unsuitable` if it would be too large.
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
  /// The check sum of its numbers as they lie in memory.
  fileprivate var checksum: UInt32 {
    switch dtype {
    case .int32: read(as: Int32.self) { CRC32.checksum(of: UnsafeRawBufferPointer($0)) }
    default: read { CRC32.checksum(of: UnsafeRawBufferPointer($0)) }
    }
  }
}
