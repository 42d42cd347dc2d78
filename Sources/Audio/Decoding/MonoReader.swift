/// Reads an open file block by block and averages its channels.
struct MonoReader: ~Copyable {
  private static let blockFrames = 16_384
  private let file: AudioFile
  private let open: OpenFile
  private var decoder: any SoundDecoder
  /// The number of the section that is read.
  private var section = 0
  /// What a decoder of FLAC complained of.
  private var flaw: String?
  /// Whether it is read from its start.
  private var isFromStart = true
  /// Where that began.
  private var sectionStart = 0
  private let interleaved: UnsafeMutableBufferPointer<Float>

  /// The number of the next frame.
  private(set) var position = 0
  /// The loudest so far.
  private(set) var peaks = SoundPeaks()

  /// - Throws: `AudioError` if the file cannot be opened any more.
  init(_ file: AudioFile) throws(AudioError) {
    let open = try OpenFile(file.path)
    decoder = try file.sections[0].open(open)
    (self.file, self.open) = (file, open)
    interleaved = .allocate(capacity: Self.blockFrames * max(2, file.channels))
  }

  deinit { interleaved.deallocate() }

  /// Goes to a frame of a file of one section; false if that is impossible.
  mutating func seek(to frame: Int) -> Bool {
    guard frame > 0 else { return true }
    (position, isFromStart) = (frame, false)
    return file.sections.count == 1 && decoder.seek(to: frame)
  }

  /// The next frames; none at the end.
  ///
  /// - Throws: `AudioError.corrupt`, `.notFinite`, `.tooLoud`, or `.truncated` where the end is missing.
  mutating func next(atMost limit: Int) throws(AudioError) -> [Float] {
    while true {
      let count = decoder.read(min(Self.blockFrames, limit), into: interleaved)
      if count == 0 { try open.check() }
      // A decoder that goes on after a complaint has found its place again.
      if count == 0, let complaint = decoder.complaint, file.sections[section].promise != .broken {
        throw .corrupt(path: file.path, reason: complaint)
      }
      if file.sections[section].codec == .flac { flaw = flaw ?? decoder.complaint }
      if count > 0 || limit == 0 { return try taken(count, channels: decoder.channels) }
      guard try beginNextSection() else { return [] }
    }
  }

  /// - Returns: False if there is none.
  private mutating func beginNextSection() throws(AudioError) -> Bool {
    let promise = file.sections[section].promise ?? decoder.promise
    guard promise.isKept(by: position - sectionStart, sampleRate: file.sampleRate) else {
      throw .truncated(path: file.path, decoded: position, promised: file.frames)
    }
    // libFLAC goes on with what it finds next, and the count may come out right all the same.
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
    if let frame = mono.firstIndex(where: { !(abs($0) <= AudioFile.loudest) }) {
      let seconds = Double(position + frame) / Double(file.sampleRate)
      guard mono[frame].isFinite else { throw .notFinite(path: file.path, seconds: seconds) }
      throw .tooLoud(path: file.path, seconds: seconds, level: mono[frame])
    }
    position += count
    return mono
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

/// The loudest of what was read.
struct SoundPeaks: Sendable {
  /// Of the mean of the channels.
  var mono: Float = 0
  /// Of any one channel.
  var channels: Float = 0

  /// Nil if there is something to hear.
  var silence: Silence? {
    if channels >= AudioFile.silence, mono < channels * 1e-3 { return .channelsCancelOut }
    return mono < AudioFile.silence ? .throughout : nil
  }
}

/// How a file can be silent.
public enum Silence: Sendable, Equatable {
  /// Every sample is below `AudioFile.silence`.
  case throughout
  /// The channels sound, and their mean does not, but for rounding: it is 60 dB below them.
  case channelsCancelOut
}
