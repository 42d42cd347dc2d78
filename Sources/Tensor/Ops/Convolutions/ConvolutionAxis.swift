/// How the windows of a convolution lie along one axis.
public struct ConvolutionAxis: Sendable, Equatable {
  /// Steps from one window to the next.
  public let stride: Int
  /// Steps from one tap to the next.
  public let dilation: Int
  /// Zeros before the first and after the last element.
  public let padding: Padding

  /// - Traps when: stride or dilation is below 1.
  public init(stride: Int = 1, dilation: Int = 1, padding: Padding = .none) {
    precondition(
      stride >= 1 && dilation >= 1,
      "ConvolutionAxis: stride \(stride) and dilation \(dilation) are not both at least 1")
    (self.stride, self.dilation, self.padding) = (stride, dilation, padding)
  }

  /// The windows of a kernel of `kernel` taps.
  func windows(kernel: Int) -> ConvolutionWindows {
    ConvolutionWindows(kernel: kernel, stride: stride, dilation: dilation, padding: padding)
  }
}
