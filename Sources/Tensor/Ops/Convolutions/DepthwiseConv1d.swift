import Kernels

extension Tensor {
  /// Depthwise convolution of stride 1.
  ///
  /// - Parameter weight: `[C, K, 1]`. The other parameters are those of `conv1d`, which checks
  ///   them.
  /// - Gradient: keeps `x` and `W`.
  func depthwiseConv1d(weight: Tensor, bias: Tensor?, windows: ConvolutionWindows) -> Tensor {
    let conv = DepthwiseConvolution(
      shape: shape, weight: weight.operand(as: dtype), windows: windows)
    let input = kept()
    return conv.forward(detached(), bias: bias?.operand(as: .float32)).derived(
      from: edge(conv.inputGradient), weight.edge { conv.weightGradient($0, of: input()) },
      bias?.edge { $0.summedOverFrames() })
  }
}

/// The forward pass of a depthwise convolution of stride 1, and both gradients.
///
/// Every number is read and written once and multiplied `K` times, which is too little work for a
/// matrix product: a C kernel sums in registers. The block size depends on the shapes alone, so
/// that the bits do not depend on the number of threads.
struct DepthwiseConvolution {
  /// The shape of the input, `[B, T, C]`.
  let shape: Shape
  /// `[C, K, 1]`
  let weight: Tensor
  let windows: ConvolutionWindows

  /// Whether a convolution can be computed here: of stride 1, with as many groups as input and
  /// output channels.
  static func takes(_ weight: Tensor, stride: Int, groups: Int) -> Bool {
    stride == 1 && groups > 1 && groups == weight.shape[0] && weight.shape[2] == 1
  }

  /// The frames of a block. The rows that they read, for one chunk of channels, fit the first-level
  /// cache.
  private static let block = 96
  /// The channels of a chunk.
  private static let chunk = Int(ETUDE_DEPTHWISE_CHANNELS)

  private var batch: Int { shape[0] }
  private var time: Int { shape[1] }
  private var channels: Int { shape[2] }
  private var kernel: Int { windows.kernel }
  private var frames: Int { windows.frames(of: time) }

  func forward(_ x: Tensor, bias: Tensor?) -> Tensor {
    correlation(
      of: x, with: weight.reshaped([channels, kernel]), bias: bias, left: windows.padding.left,
      frames: frames)
  }

  /// The correlation of `dy` with the taps in reverse order.
  func inputGradient(_ dy: Tensor) -> Tensor {
    let reversed = weight.reshaped([channels, kernel]).permuted([1, 0])
      .gatheringRows((0..<kernel).reversed()).permuted([1, 0])
    return correlation(
      of: dy, with: reversed, bias: nil, left: windows.reach - 1 - windows.padding.left,
      frames: time)
  }

  /// - Parameters:
  ///   - taps: `[C, K]`
  ///   - left: Zeros before the signal; a negative number skips frames.
  private func correlation(
    of x: Tensor, with taps: Tensor, bias: Tensor?, left: Int, frames: Int
  ) -> Tensor {
    let taps = taps.rowsInChunks(of: Self.chunk)
    let bias = bias?.reshaped([channels, 1]).rowsInChunks(of: Self.chunk)
    defer { withExtendedLifetime((taps, bias)) {} }
    let (source, w, shift, count) = (x.reals, taps.floats, bias?.floats, x.shape[1])
    let blocks = (frames + Self.block - 1) / Self.block
    return .filled([batch, frames, channels], dtype: x.dtype) { y in
      Cores.forEach(batch * blocks) { item in
        let (b, first) = (item / blocks, item % blocks * Self.block)
        let room = Room(for: part(first, of: frames, left: left, of: count, channel: 0))
        for c in Swift.stride(from: 0, to: channels, by: Self.chunk) {
          var part = part(first, of: frames, left: left, of: count, channel: c)
          let from = source + (b * count * channels + c)
          let to = y + ((b * frames + first) * channels + c)
          if x.dtype == .float32 {
            etude_depthwise(
              to.float32, from.float32, w + c * kernel, shift.map { $0 + c }, room.base, &part)
          } else {
            etude_depthwise_bfloat(
              to.bfloat16, from.bfloat16, w + c * kernel, shift.map { $0 + c }, room.base, &part)
          }
        }
      }
    }
  }

  /// The description of one chunk of channels of the block that begins at frame `first`.
  ///
  /// - Parameter count: The number of rows of the signal that is read.
  private func part(
    _ first: Int, of frames: Int, left: Int, of count: Int, channel: Int
  ) -> EtudeDepthwise {
    EtudeDepthwise(
      first: first - left, rows: min(Self.block, frames - first), time: count, kernel: kernel,
      dilation: windows.dilation, channels: min(Self.chunk, channels - channel), width: channels)
  }

  /// Sums in float32 within a block of frames, then in Double over blocks and samples in order.
  func weightGradient(_ dy: Tensor, of x: Tensor) -> Tensor {
    let chunks = (channels + Self.chunk - 1) / Self.chunk
    let tile = Int(ETUDE_DEPTHWISE_TILE)
    let size = (kernel + tile - 1) / tile * tile * Self.chunk
    // [B, chunks, taps, channels of a chunk]
    var sums = [Double](repeating: 0, count: batch * chunks * size)
    sums.withUnsafeMutableBufferPointer { sums in
      Cores.forEach(batch * chunks) { item in
        addSums(
          of: item / chunks, channel: item % chunks * Self.chunk, dy.reals, x.reals,
          to: sums.baseAddress! + item * size)
      }
    }
    return Tensor(shape: weight.shape) { (dw: UnsafeMutableBufferPointer<Float>) in
      for i in dw.indices {
        let (c, k) = (i / kernel, i % kernel)
        let place = c / Self.chunk * size + k * Self.chunk + c % Self.chunk
        dw[i] = Float((0..<batch).reduce(0) { $0 + sums[$1 * chunks * size + place] })
      }
    }
  }

  /// Adds the sums of one sample for one chunk of channels.
  private func addSums(
    of b: Int, channel c: Int, _ dy: Reals, _ x: Reals, to sums: UnsafeMutablePointer<Double>
  ) {
    let left = windows.padding.left
    let room = Room(for: part(0, of: frames, left: left, of: time, channel: c))
    for first in Swift.stride(from: 0, to: frames, by: Self.block) {
      var part = part(first, of: frames, left: left, of: time, channel: c)
      let (x, dy) = (x + (b * time * channels + c), dy + ((b * frames + first) * channels + c))
      if dy.dtype == .float32 {
        etude_depthwise_gradient(sums, x.float32, dy.float32, room.base, &part)
      } else {
        etude_depthwise_gradient_bfloat(sums, x.bfloat16, dy.bfloat16, room.base, &part)
      }
    }
  }

  /// Working memory in which the kernel arranges the rows of a block.
  private struct Room {
    private let memory: Tensor
    var base: UnsafeMutablePointer<Float> { memory.mutableReals.float32 }

    init(for part: EtudeDepthwise) {
      var part = part
      memory = Tensor(uninitialized: [etude_depthwise_room(&part)])
    }
  }
}

extension Tensor {
  /// `[C, K]` in chunks of channels, the last padded with zeros, each transposed:
  /// `[chunks, K, size]`, float32, untracked.
  fileprivate func rowsInChunks(of size: Int) -> Tensor {
    let (rows, columns) = (shape[0], shape[1])
    let chunks = (rows + size - 1) / size
    return detached().converted(to: .float32).reshaped([1, rows, columns])
      .padded(Padding(left: 0, right: chunks * size - rows))
      .reshaped([chunks, size, columns]).permuted([0, 2, 1])
  }
}
