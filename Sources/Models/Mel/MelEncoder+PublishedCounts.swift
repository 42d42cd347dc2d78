import Models

extension MelEncoder.Config {
  /// What the numbers in a published file of MusicFM or MuQ are for.
  public struct PublishedCounts: Codable, Sendable {
    /// What hidden states depend on.
    public var encoder: Int
    /// The map to the logits of the codes, which pre-training alone uses.
    public var head: Int
    /// A convolution over time that the authors' code builds and no pass uses.
    public var positionalConvolution: Int
    /// A vector of a frame's width that no pass uses.
    public var classToken: Int

    /// What a pass of pre-training uses.
    public var used: Int { encoder + head }
    /// What no pass uses.
    public var dead: Int { positionalConvolution + classToken }
    /// All of them.
    public var total: Int { used + dead }
  }

  /// The numbers of a file of MusicFM or MuQ with this encoder; quantisers are not among them.
  ///
  /// The published MusicFM has 328,932,480 with a codebook of 4096, the published MuQ 333,130,880 with 8 of 1024.
  ///
  /// - Parameters:
  ///   - codes: Entries of a codebook.
  ///   - codebooks: Their number.
  /// - Source: `Wav2Vec2ConformerPositionalConvEmbedding` of `transformers`: 128 taps, 16 groups.
  public func publishedCounts(codes: Int, codebooks: Int = 1) -> PublishedCounts {
    let (taps, groups) = (128, 16)
    return PublishedCounts(
      encoder: parameterCounts.total - parameterCounts.maskEmbedding,
      head: (width + 1) * codes * codebooks,
      positionalConvolution: taps + width * (width / groups) * taps + width, classToken: width)
  }
}
