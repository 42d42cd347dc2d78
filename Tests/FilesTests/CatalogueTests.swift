import Files
import Foundation
import HDF5
import Tensor
import TestSupport
import Testing

/// What the catalogues show, run as it stands there.
@Suite struct CatalogueTests {
  @Test func tensorsGoToAFileAndBack() throws {
    let folder = try TestFolder()
    let url = folder.url.appending(path: "weight.safetensors")
    let weight = Tensor([1, 2, 3, 4], shape: [2, 2])
    try SafeTensors.write([(name: "weight", tensor: weight)], to: url)
    let file = try SafeTensors(contentsOf: url)
    let again = try file.tensor("weight")
    #expect(again.scalars == weight.scalars && again.shape == weight.shape)
  }

  @Test(arguments: ["h5", "npy", "safetensors"]) func theEndingChooses(_ ending: String) throws {
    let folder = try TestFolder()
    let path = folder.path("features.\(ending)")
    let features = Tensor.ones([3, 2])
    try ArrayFile.write([("features", features)], to: path, metadata: ["kind": "mel"])
    #expect(try folder.names == ["features.\(ending)"])
  }

  @Test func theCataloguesShowThisCode() throws {
    try expectCompiled("Sources/Files/Files.docc/Files.md", blocks: 1)
    try expectCompiled("Sources/Files/HDF5/HDF5.docc/HDF5.md", blocks: 1)
  }
}
