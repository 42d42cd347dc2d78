import Foundation

/// Two tones and their slow beating, `count` samples at `sampleRate` Hz.
public func tones(_ count: Int, sampleRate: Int) -> [Float] {
  (0..<count).map { n in
    let t = Double(n) / Double(sampleRate)
    let low = sin(2 * .pi * 220 * t) * (0.6 + 0.4 * sin(2 * .pi * 1.5 * t))
    return Float(0.4 * low + 0.2 * sin(2 * .pi * 1318.5 * t))
  }
}
