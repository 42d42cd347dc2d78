/// Reads a file block by block and averages its channels, or keeps two of them.
struct MonoReader: ~Copyable {
  private static let blockFrames = 16_384
  private let file: AudioFile
  private let open: OpenFile
  private var decoder: any SoundDecoder
  /// The index of the current section.
  private var section = 0
  /// The first error that a FLAC decoder reported.
  private var flaw: String?
  /// Whether reading began at the start of the file.
  private var isFromStart = true
  /// The frame at which the current section starts.
  private var sectionStart = 0
  private let interleaved: UnsafeMutableBufferPointer<Float>
  /// How many channels leave.
  private let mix: ChannelMix

  /// The number of the next frame.
  private(set) var position = 0
  /// The peaks of the frames read so far.
  private(set) var peaks = SoundPeaks()

  /// - Throws: `AudioError` if the file can no longer be opened.
  init(_ file: AudioFile, as mix: ChannelMix = .mono) throws(AudioError) {
    let open = try OpenFile(file.path, at: file.place)
    decoder = try file.sections[0].open(open)
    (self.file, self.open, self.mix) = (file, open, mix)
    interleaved = .allocate(capacity: Self.blockFrames * max(2, file.channels))
  }

  deinit { interleaved.deallocate() }

  /// Seeks to a frame in a file of one section; false if that is impossible.
  mutating func seek(to frame: Int) -> Bool {
    guard frame > 0 else { return true }
    (position, isFromStart) = (frame, false)
    return file.sections.count == 1 && decoder.seek(to: frame)
  }

  /// The next frames; empty at the end.
  ///
  /// - Throws: `AudioError.corrupt`, `.notFinite`, `.tooLoud`, or `.truncated` where the end is
  ///   missing.
  mutating func next(atMost limit: Int) throws(AudioError) -> [Float] {
    while true {
      let count = decoder.read(min(Self.blockFrames, limit), into: interleaved)
      if count == 0 { try open.check() }
      // An error after which the decoder continues is not thrown here: it has found the next frame.
      if count == 0, let complaint = decoder.complaint, file.sections[section].promise != .broken {
        throw .corrupt(path: file.path, reason: complaint)
      }
      if file.sections[section].codec == .flac { flaw = flaw ?? decoder.complaint }
      if count > 0 || limit == 0 { return try taken(count, channels: decoder.channels) }
      guard try beginNextSection() else { return [] }
    }
  }

  /// - Returns: False if there is no further section.
  private mutating func beginNextSection() throws(AudioError) -> Bool {
    let promise = file.sections[section].promise ?? decoder.promise
    guard promise.isKept(by: position - sectionStart, sampleRate: file.sampleRate) else {
      throw .truncated(path: file.path, decoded: position, promised: file.frames)
    }
    // libFLAC continues with the next frame it finds, and the number of samples may be right by
    // chance.
    if let flaw { throw .corrupt(path: file.path, reason: flaw) }
    if isFromStart, file.sections[section].codec == .flac {
      try FLACStream.checkFrames(of: file.sections[section].bytes, of: open)
    }
    guard section + 1 < file.sections.count else { return false }
    section += 1
    sectionStart = position
    decoder = try file.sections[section].open(open)
    return true
  }

  private mutating func taken(_ count: Int, channels: Int) throws(AudioError) -> [Float] {
    let mono = averaged(frames: count, channels: channels)
    let samples = mix == .mono ? mono : stereo(of: mono, channels: channels)
    if let sample = samples.firstIndex(where: { !(abs($0) <= AudioFile.loudest) }) {
      let frame = position + sample / mix.channels
      let seconds = Double(frame) / Double(file.sampleRate)
      guard samples[sample].isFinite else { throw .notFinite(path: file.path, seconds: seconds) }
      throw .tooLoud(path: file.path, seconds: seconds, level: samples[sample])
    }
    position += count
    return samples
  }

  /// Both channels of a stereo file, interleaved; of others, their mean twice.
  private func stereo(of mono: [Float], channels: Int) -> [Float] {
    channels == 2 ? Array(interleaved.prefix(2 * mono.count)) : mono.flatMap { [$0, $0] }
  }

  private mutating func averaged(frames: Int, channels: Int) -> [Float] {
    var (channelPeak, peak) = (peaks.channels, peaks.mono)
    let mono = [Float](unsafeUninitializedCapacity: frames) { mono, count in
      for frame in 0..<frames {
        var sum: Float = 0
        for channel in 0..<channels {
          let sample = interleaved[frame * channels + channel]
          channelPeak = max(channelPeak, abs(sample))
          sum += sample
        }
        mono[frame] = sum / Float(channels)
        peak = max(peak, abs(mono[frame]))
      }
      count = frames
    }
    peaks = SoundPeaks(mono: peak, channels: channelPeak)
    return mono
  }
}

/// The channels that leave a reader.
enum ChannelMix {
  /// The mean of all.
  case mono
  /// Two, interleaved: those of a stereo file, or the mean of all twice.
  case stereo

  /// How many they are.
  var channels: Int { self == .mono ? 1 : 2 }
}

/// The peaks of what was read.
struct SoundPeaks: Sendable {
  /// The peak of the mean of the channels.
  var mono: Float = 0
  /// The peak of any single channel.
  var channels: Float = 0

  /// The kind of silence; nil if the signal is not silent.
  var silence: Silence? {
    if channels >= AudioFile.silence, mono < channels * 1e-3 { return .channelsCancelOut }
    return mono < AudioFile.silence ? .throughout : nil
  }
}

/// The kinds of silence.
public enum Silence: Sendable, Equatable {
  /// Every sample is below `AudioFile.silence`.
  case throughout
  /// The channels are not silent, but their mean is: it is 60 dB below them.
  case channelsCancelOut
}
