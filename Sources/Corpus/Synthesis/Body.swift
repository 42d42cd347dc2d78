import Tensor

/// The resonances of an instrument's body. They do not move with the pitch, and contribute much to
/// the timbre by which instruments are recognised.
struct Body: Sendable {
  struct Resonance: Sendable {
    /// The centre frequency, Hz.
    var centre: Float
    /// The gain at the centre, dB; negative values attenuate.
    var decibels: Float
  }

  let resonances: [Resonance]

  /// The body of one instrument: each resonance deviates a little from the typical one.
  init(of instrument: Instrument, using stream: inout RandomStream) {
    resonances = Body.resonances(of: instrument).map { centre, decibels in
      Resonance(
        centre: centre * stream.logUniform(0.92...1.09),
        decibels: decibels + stream.uniform(-2...2))
    }
  }

  /// Applies the resonances to a part.
  func resonate(_ samples: inout [Float]) {
    for resonance in resonances {
      samples.bell(decibels: resonance.decibels, centre: resonance.centre, quality: 1.5)
    }
  }

  /// The typical resonances, Hz and dB. Loosely based on measured bodies: a clarinet's 1.5 and 3.7
  /// kHz, a trumpet's 1.2 kHz, a guitar's 110 and 220 Hz, a violin's 290 Hz and 2.8 kHz.
  private static func resonances(of instrument: Instrument) -> [(Float, Float)] {
    switch instrument {
    case .organ: [(250, 6), (1000, -8), (6000, 4)]
    case .brass: [(350, -5), (1250, 10), (5000, -8)]
    case .flute: [(800, 9), (2500, -6), (7000, 6)]
    case .reed: [(500, -7), (1500, 7), (3700, 9)]
    case .strings: [(290, 7), (700, -6), (2800, 8)]
    case .lead: [(200, -6), (2000, -6), (4500, 8)]
    case .electricPiano: [(450, 9), (1600, -8), (3200, -6)]
    case .bell: [(400, -8), (3000, 6), (8000, 10)]
    case .guitar: [(110, 6), (220, 8), (2200, 6)]
    case .harp: [(180, -4), (600, 8), (4000, -9)]
    }
  }
}
