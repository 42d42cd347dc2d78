/// The front ends that recipes and commands choose by name.
public enum FeatureKind: String, CaseIterable, Codable, Sendable {
  /// 13 MFCC with first and second differences, HuBERT's first teacher; 100 frames per second.
  case mfcc39
  /// 20 MFCC with first and second differences; 100 frames per second.
  case mfcc60
  /// Power in 128 mel bands, librosa's `melspectrogram`.
  case mel
  /// `ln(power + 1e-5)` of the same 128 bands.
  case logmel128
  /// `ln(power + 1e-5)` of 229 HTK bands from 30 Hz, with windows of 2048 samples. MERT's paper
  /// gives only the number of bands; the other parameters are those of Onsets and Frames.
  case logmel229
  /// Chroma, librosa's `chroma_stft` at fixed tuning.
  case chroma12
  /// Chroma in 264 classes, with windows of 25 ms. MERT's paper gives only the number of classes.
  case chroma264
  /// Constant-Q magnitudes in 336 bins, MERT's teacher.
  case cqt336
  /// `log(1 + 10 a)` of those magnitudes; not a published feature.
  case logcqt336

  /// The kind of a name.
  /// - Throws: `FeatureError.unknown`, with the list of names.
  public init(named name: String) throws(FeatureError) {
    guard let kind = FeatureKind(rawValue: name) else { throw .unknown(name: name) }
    self = kind
  }

  /// The default number of frames per second.
  public var defaultFrameRate: Double {
    switch self {
    case .mfcc39, .mfcc60: 100
    default: 75
    }
  }

  /// Whether frame `t` is centred on sample `t · hop`, so that a signal has `1 + samples / hop` frames. The
  /// frames of MFCC begin there, and those that reach beyond the end are left out.
  public var isCentred: Bool { self != .mfcc39 && self != .mfcc60 }

  /// The front end of this name.
  ///
  /// - Parameters:
  ///   - sampleRate: The sample rate of the input, Hz.
  ///   - frameRate: Frames per second; `defaultFrameRate` if nil. MFCC rounds the hop down to a
  ///     whole number of samples; for the others the rate must divide the sample rate.
  /// - Throws: `FeatureError` if the rates do not fit.
  public func frontEnd(
    sampleRate: Int, frameRate: Double? = nil
  ) throws(FeatureError) -> any FrontEnd {
    let frameRate = frameRate ?? defaultFrameRate
    try check(sampleRate: sampleRate, frameRate: frameRate)
    switch self {
    case .mfcc39: return MFCC(mfcc(13, frameRate), sampleRate: sampleRate)
    case .mfcc60: return MFCC(mfcc(20, frameRate), sampleRate: sampleRate)
    case .mel, .logmel128, .logmel229: return MelSpectrogram(mel(frameRate), sampleRate: sampleRate)
    case .chroma12, .chroma264: return Chroma(chroma(sampleRate, frameRate), sampleRate: sampleRate)
    case .cqt336, .logcqt336: return ConstantQ(constantQ(frameRate), sampleRate: sampleRate)
    }
  }
}

extension FeatureKind {
  private func check(sampleRate: Int, frameRate: Double) throws(FeatureError) {
    let hop = (Double(sampleRate) / frameRate).wholeIfNear
    let isFree = self == .mfcc39 || self == .mfcc60
    guard hop >= 1, hop <= Double(sampleRate) * 3600, isFree || hop == hop.rounded() else {
      throw .frameRate(kind: self, sampleRate: sampleRate, frameRate: frameRate)
    }
    guard sampleRate <= AudioFile.sampleRates.upperBound else {
      throw .sampleRateTooHigh(kind: self, sampleRate: sampleRate)
    }
    guard sampleRate >= lowestSampleRate else {
      throw .sampleRate(kind: self, sampleRate: sampleRate, lowest: lowestSampleRate)
    }
  }

  /// The lowest sample rate, Hz: twice the highest frequency, or enough for a window of several
  /// samples.
  private var lowestSampleRate: Int {
    switch self {
    case .cqt336, .logcqt336:
      let config = ConstantQ.Config()
      return Int((2 * config.frequency(of: config.bins - 1)).rounded(.up))
    default: return 2000
    }
  }

  private func mfcc(_ coefficients: Int, _ frameRate: Double) -> MFCC.Config {
    var config = MFCC.Config()
    (config.coefficients, config.frameRate) = (coefficients, frameRate)
    return config
  }

  private func mel(_ frameRate: Double) -> MelSpectrogram.Config {
    var config = MelSpectrogram.Config()
    config.frameRate = frameRate
    config.compression = self == .mel ? .none : .logarithmic
    if self == .logmel229 {
      (config.bands, config.lowestFrequency) = (229, 30)
      (config.scale, config.areaNormalized) = (.htk, false)
    }
    return config
  }

  private func chroma(_ sampleRate: Int, _ frameRate: Double) -> Chroma.Config {
    var config = Chroma.Config()
    config.frameRate = frameRate
    if self == .chroma264 {
      config.bins = 264
      config.windowLength = sampleRate / 40
      config.fftLength = powerOfTwo(atLeast: config.windowLength)
    }
    return config
  }

  private func constantQ(_ frameRate: Double) -> ConstantQ.Config {
    var config = ConstantQ.Config()
    config.frameRate = frameRate
    config.compression = self == .logcqt336 ? .logarithmic : .none
    return config
  }
}

/// An unknown name, or a rate that does not fit the front end.
public enum FeatureError: Error, Equatable, Sendable {
  /// There is no kind of this name.
  case unknown(name: String)
  /// The hop would not be a whole number of samples.
  case frameRate(kind: FeatureKind, sampleRate: Int, frameRate: Double)
  /// The sample rate is less than twice the highest frequency.
  case sampleRate(kind: FeatureKind, sampleRate: Int, lowest: Int)
  /// The sample rate is above that of any audio.
  case sampleRateTooHigh(kind: FeatureKind, sampleRate: Int)
}

extension FeatureError: CustomStringConvertible {
  /// One line with the remedy.
  public var description: String {
    switch self {
    case .unknown(let name):
      let known = FeatureKind.allCases.map(\.rawValue).joined(separator: ", ")
      return "no features are called '\(name)'; choose one of \(known)"
    case .frameRate(let kind, let sampleRate, let frameRate):
      return "\(kind): \(frameRate) frames per second do not give a whole number of samples at "
        + "\(sampleRate) Hz; choose a frame rate that divides it"
    case .sampleRate(let kind, let sampleRate, let lowest):
      return "\(kind): \(sampleRate) Hz is too low; choose at least \(lowest) Hz"
    case .sampleRateTooHigh(let kind, let sampleRate):
      return "\(kind): \(sampleRate) Hz is too high; choose at most "
        + "\(AudioFile.sampleRates.upperBound) Hz"
    }
  }
}
