import Foundation
import Models
import Tensor

/// The folder named on the command line, or a small random HuBERT as Hugging Face would publish it.
func hubert() throws -> URL {
  if let path = CommandLine.arguments.dropFirst().first { return URL(filePath: path) }
  var config = AudioEncoder.Config()
  config.sampleRate = 16_000
  config.frontEnd.channels = Array(repeating: 16, count: 7)
  (config.width, config.layers, config.heads, config.feedForwardWidth) = (32, 4, 4, 64)
  (config.position.kernel, config.position.groups) = (16, 4)
  var random = RandomStream(seed: 1, purpose: .initialisation)
  let folder = FileManager.default.temporaryDirectory.appending(path: "small-hubert")
  try AudioEncoder(config, using: &random).save(to: folder)
  return folder
}

/// Half a second each of two low and two high tones, `[4, 8000]`.
let tones = Tensor([110, 220, 880, 1760].flatMap(tone), shape: [4, 8_000])

/// Half a second of a tone at 16 kHz.
func tone(hertz: Double) -> [Float] {
  (0..<8_000).map { Float(0.3 * sin(2 * .pi * hertz * Double($0) / 16_000)) }
}
