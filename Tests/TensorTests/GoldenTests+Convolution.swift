import Tensor

extension GoldenTests {
  static let convolution: [String: Op] = [
    "padZeros": { $0[0].padded(Padding(left: 3, right: 1)) },
    "padReflect": { $0[0].padded(Padding(left: 4, right: 2), mode: .reflect) },
    "padReplicate": { $0[0].padded(Padding(left: 7, right: 2), mode: .replicate) },
    "padded": {
      $0[0].conv1d(
        weight: $0[1], bias: $0[2], stride: 2, padding: Padding(left: 4, right: 1))
    },
    "paddedWaveform": { $0[0].conv1d(weight: $0[1], padding: .both(3)) },
    "causal": {
      $0[0].conv1d(
        weight: $0[1], bias: $0[2], padding: .causal(kernel: 3, dilation: 3), dilation: 3)
    },
    "dilated": { $0[0].conv1d(weight: $0[1], bias: $0[2], stride: 3, dilation: 4) },
    "groups": {
      $0[0].conv1d(
        weight: $0[1], bias: $0[2], stride: 2, padding: Padding(left: 2, right: 5), dilation: 2,
        groups: 3)
    },
    "groupsOneSided": {
      $0[0].conv1d(weight: $0[1], bias: $0[2], padding: .causal(kernel: 4), groups: 3)
    },
    "groupsFarPadded": {
      $0[0].conv1d(weight: $0[1], padding: Padding(left: 5, right: 3), groups: 2)
    },
    "depthwise": {
      $0[0].conv1d(weight: $0[1], bias: $0[2], padding: .same(kernel: 31), groups: 21)
    },
    "depthwiseCausal": {
      $0[0].conv1d(
        weight: $0[1], bias: $0[2], padding: .causal(kernel: 5, dilation: 2), dilation: 2,
        groups: 6)
    },
    "depthwiseStrided": {
      $0[0].conv1d(weight: $0[1], stride: 2, padding: .both(2), groups: 6)
    },
    "depthwiseNarrowed": { $0[0].conv1d(weight: $0[1], groups: 6) },
    "transposed": { $0[0].transposedConv1d(weight: $0[1], bias: $0[2], stride: 4) },
    "transposedTrimmed": {
      $0[0].transposedConv1d(
        weight: $0[1], bias: $0[2], stride: 3, trimming: Padding(left: 2, right: 1))
    },
    "transposedGroups": {
      $0[0].transposedConv1d(
        weight: $0[1], bias: $0[2], stride: 2, trimming: .both(1), dilation: 3, groups: 2)
    },
    "transposedSparse": { $0[0].transposedConv1d(weight: $0[1], stride: 5) },
    "plane": { $0[0].conv2d(weight: $0[1], bias: $0[2]) },
    "planeStrided": {
      $0[0].conv2d(
        weight: $0[1], bias: $0[2], time: ConvolutionAxis(dilation: 2, padding: .both(2)),
        frequency: ConvolutionAxis(stride: 2, padding: .both(4)))
    },
    "planeDilated": {
      $0[0].conv2d(
        weight: $0[1], time: ConvolutionAxis(stride: 3, padding: .both(1)),
        frequency: ConvolutionAxis(dilation: 3))
    },
  ]
}
