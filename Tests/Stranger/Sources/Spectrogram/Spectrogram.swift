import Audio
import Foundation
import Tensor

/// A mel spectrogram and a constant-Q transform of a file, and the pitch that sounds most.
@main struct Spectrogram {
  static func main() throws {
    let song = CommandLine.arguments.dropFirst().first ?? "tone.wav"
    if song == "tone.wav" { try AudioFile.write(a4, sampleRate: 44_100, to: song) }

    let samples = try AudioFile.decode(song, sampleRate: 24_000)
    let mel = MelSpectrogram(sampleRate: 24_000)
    let cqt = ConstantQ(sampleRate: 24_000)

    let bands = mel(samples)  // [frames, 128]
    let bins = cqt(samples)  // [frames, 336]
    let loudest = Int(bins.mean(axis: 0).argmax(axis: 0).integers[0])
    print("mel \(bands.shape), constant-Q \(bins.shape)")
    print("loudest at \(Int(cqt.config.frequency(of: loudest).rounded())) Hz")
  }

  /// Two seconds of 440 Hz.
  static var a4: [Float] {
    (0..<88_200).map { Float(0.3 * sin(2 * .pi * 440 * Double($0) / 44_100)) }
  }
}
