/// Attack, decay, sustain and release: the amplitude of a note over time. Times are in seconds.
struct Envelope: Sendable {
  var attack: Float
  /// Time to fall by 60 dB towards the sustained level.
  var decay: Float
  /// The sustained level as a fraction of the peak, 0…1.
  var sustain: Float
  /// Time to fall by 60 dB after the release of the key.
  var release: Float

  /// The amplitude of a note that is held for `gate` seconds, including its release, one value for
  /// each sample.
  func curve(gate: Float) -> [Float] {
    let held = max(1, Int(gate * synthRate))
    let tail = Int(release * synthRate) + 1
    var values = [Float](repeating: 0, count: held + tail)
    let peak = rise(over: min(held, max(1, Int(attack * synthRate))), in: &values)
    let level = fall(from: peak, through: held, in: &values)
    letGo(from: held, at: level, in: &values)
    return values
  }

  private func rise(over count: Int, in values: inout [Float]) -> Int {
    for i in 0..<count { values[i] = Float(i + 1) / Float(count) }
    return count
  }

  private func fall(from start: Int, through end: Int, in values: inout [Float]) -> Float {
    let factor = decayFactor(seconds: decay)
    var above = 1 - sustain
    for i in start..<max(start, end) {
      above *= factor
      values[i] = sustain + above
    }
    return values[max(start, end) - 1]
  }

  private func letGo(from start: Int, at level: Float, in values: inout [Float]) {
    let factor = decayFactor(seconds: release)
    var value = level
    for i in start..<values.count {
      value *= factor
      values[i] = value
    }
  }
}
