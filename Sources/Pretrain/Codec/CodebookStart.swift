import Models
import Tensor

/// The first entries of a codebook: the centroids of its first latents by k-means.
///
/// Source: SoundStream §3.3; audiocraft `kmeans`.
package struct CodebookStart {
  /// The centroids, `[K, D]`.
  package var vectors: Tensor
  /// How many latents each is the mean of, `[K]`.
  package var sizes: Tensor

  init(vectors: Tensor, sizes: Tensor) { (self.vectors, self.sizes) = (vectors, sizes) }

  /// Lloyd's algorithm from latents drawn at random. A centroid without latents stays where it is.
  ///
  /// - Parameters:
  ///   - latents: `[N, D]`.
  ///   - codes: Centroids, `K`.
  ///   - iterations: The most of them; it ends when no latent changes its centroid.
  ///   - stream: Draws the latents to begin with.
  package init(of latents: Tensor, codes: Int, iterations: Int, using stream: inout RandomStream) {
    vectors = latents.drawingRows(codes, using: &stream)
    sizes = .zeros([codes])
    var nearest: [Int32] = []
    for _ in 0..<iterations {
      let before = nearest
      nearest = latents.nearest(among: vectors).rows
      if nearest == before { break }
      let (counts, sums) = latents.summed(by: nearest, count: codes)
      let column = counts.reshaped([codes, 1])
      vectors = (sums / column).replacing(with: vectors, where: column .== 0)
      sizes = counts
    }
  }

  /// `centroid · size`, `[K, D]`: what the running sums begin as. With the centroids alone in their place, as in
  /// audiocraft, the first update would divide each entry by its size.
  var sums: Tensor { vectors * sizes.reshaped([sizes.elementCount, 1]) }
}
