import Audio
import Settings

extension SpectrumInput {
  /// The numbers of a recipe's `melEncoder.input`.
  public struct Config: Configuration {
    /// From one frame of the spectrum to the next, in samples.
    public var hopLength = 240
    /// What is standardised by one mean and one deviation.
    public var statistics = Statistics.global
    /// Whether the last frame, which is centred on the end of the signal, is kept.
    public var keepsLastFrame = false
    /// Mel bands; those of MusicFM and MuQ unless these or `constantQ` are given.
    public var mel: MelBands?
    /// Bands of a constant-Q transform, at equal distances in pitch, in place of mel bands; before them if both are given.
    public var constantQ: PitchBands?
    /// Whether a frame is `hopLength` samples of the waveform themselves, without overlap, in place of bands.
    public var takesSamples = false

    /// MusicFM and MuQ.
    public init() {}
  }

  /// What is standardised by one mean and one deviation.
  public enum Statistics: String, Codable, Sendable, CaseIterable {
    /// All bands together.
    case global
    /// Each band.
    case perBand
  }

  /// Bands on the mel scale.
  public struct MelBands: Configuration {
    /// Number of mel bands.
    public var bands = 128
    /// Length of a transform and of its window, in samples.
    public var fftLength = 2048
    /// Spacing of the bands.
    public var scale = MelScale.htk
    /// Whether a band is scaled by 2 / its width in Hz; if not, its peak is 1.
    public var areaNormalized = false
    /// What is made of the power in a band.
    public var compression = MelSpectrogram.Compression.decibels

    /// MusicFM and MuQ.
    public init() {}

    /// Checks ranges.
    public func validate() throws(InvalidSetting) {
      try require("bands", bands, in: 1...1_024)
      try require("fftLength", fftLength, in: 2...65_536)
    }
  }

  /// Bands at equal distances in pitch.
  public struct PitchBands: Configuration {
    /// Number of bands.
    public var bands = 168
    /// Bands of an octave.
    public var bandsPerOctave = 24
    /// Frequency of the lowest band, in Hz.
    public var lowestFrequency = 32.703
    /// Factor `c` of the magnitudes `a` before they become `ln(1 + c a)`.
    public var compression: Float = 10

    /// Seven octaves from C1 in quarter tones.
    public init() {}

    /// Checks ranges.
    public func validate() throws(InvalidSetting) {
      try require("bands", bands, in: 1...1_024)
      try require("bandsPerOctave", bandsPerOctave, in: 1...480)
      try require("lowestFrequency", lowestFrequency, in: 1...100_000)
      try require(positive: "compression", compression)
    }
  }
}

extension SpectrumInput.Config {
  /// Number of bands.
  public var bands: Int {
    takesSamples ? hopLength : (constantQ?.bands ?? 0) + (takesMel ? chosenMel.bands : 0)
  }

  /// The mel bands; without effect unless some enter.
  var chosenMel: SpectrumInput.MelBands { mel ?? SpectrumInput.MelBands() }

  /// Whether mel bands enter.
  private var takesMel: Bool { mel != nil || constantQ == nil && !takesSamples }

  /// With the mel bands that enter.
  var writtenOut: Self {
    var copy = self
    copy.mel = takesMel ? chosenMel : nil
    return copy
  }

  /// Checks the range, that frames of samples stand alone, and that there is a last frame to keep.
  public func validate() throws(InvalidSetting) {
    try require("hopLength", hopLength, in: 1...65_536)
    try require(
      !takesSamples || mel == nil && constantQ == nil && !keepsLastFrame, "takesSamples",
      "frames of samples exclude mel, constantQ and keepsLastFrame",
      against: ["mel", "constantQ", "keepsLastFrame"])
    try require(
      !keepsLastFrame || chosenMel.fftLength % 2 == 0, "mel.fftLength",
      "\(chosenMel.fftLength) is odd, which leaves out the last frame, and keepsLastFrame keeps it; choose an even "
        + "number",
      against: ["keepsLastFrame"])
  }

  /// Frames of a signal of so many samples.
  package func frameCount(samples: Int) -> Int {
    guard keepsLastFrame else { return samples / hopLength }
    return samples == 0 ? 0 : 1 + samples / hopLength
  }

  /// The fewest samples that make so many frames.
  func sampleCount(frames: Int) -> Int {
    keepsLastFrame ? max(1, (frames - 1) * hopLength) : frames * hopLength
  }

  /// Checks all of it.
  func check(sampleRate: Int) throws(InvalidSetting) {
    do { try mel?.validate() } catch { throw error.inside("mel") }
    do { try constantQ?.validate() } catch { throw error.inside("constantQ") }
    try validate()
    guard let constantQ else { return }
    let highest = constantQ.transform(hopLength: hopLength).frequency(of: constantQ.bands - 1)
    try require(
      highest <= Double(sampleRate) / 2, "constantQ.bands",
      "the highest of \(constantQ.bands) lies at \(highest.rounded(.down).inWords) Hz, above half of sampleRate",
      against: ["sampleRate"])
  }

  /// The transforms and their bands, side by side.
  func spectrum(sampleRate: Int) -> any FrontEnd {
    if takesSamples { return SampleFrames(sampleRate: sampleRate, hopLength: hopLength) }
    let pitch = constantQ.map {
      ConstantQ($0.transform(hopLength: hopLength), sampleRate: sampleRate)
    }
    guard takesMel else { return pitch! }
    let mel = chosenMel.spectrum(sampleRate: sampleRate, hopLength: hopLength)
    return pitch.map { JoinedBands($0, mel) } ?? mel
  }
}

extension SpectrumInput.MelBands {
  fileprivate func spectrum(sampleRate: Int, hopLength: Int) -> MelSpectrogram {
    var config = MelSpectrogram.Config()
    (config.bands, config.fftLength) = (bands, fftLength)
    (config.scale, config.areaNormalized) = (scale, areaNormalized)
    (config.hopLength, config.compression) = (hopLength, compression)
    config.padding = .reflection
    return MelSpectrogram(config, sampleRate: sampleRate)
  }
}

extension SpectrumInput.PitchBands {
  fileprivate func transform(hopLength: Int) -> ConstantQ.Config {
    var config = ConstantQ.Config()
    (config.bins, config.binsPerOctave) = (bands, bandsPerOctave)
    (config.lowestFrequency, config.hopLength) = (lowestFrequency, hopLength)
    (config.compression, config.compressionFactor) = (.logarithmic, compression)
    return config
  }
}
