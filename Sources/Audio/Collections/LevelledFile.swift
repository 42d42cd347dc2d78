/// A collection with one of its files brought to mean 0 and variance 1.
package struct LevelledFile: AudioSource {
  private let audio: any AudioSource
  private let file: Int
  private let scale: AudioScale

  /// - Throws: `AudioError` if the file cannot be decoded.
  package init(_ audio: any AudioSource, file: Int) throws(AudioError) {
    (self.audio, self.file) = (audio, file)
    scale = try audio.scale(of: file)
  }

  package var sampleRate: Int { audio.sampleRate }
  package var files: [Manifest.Entry] { audio.files }
  package var skipped: [Manifest.Skipped] { audio.skipped }

  /// - Traps when: it is another file.
  package func crop(
    file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(AudioError) {
    precondition(file == self.file, "LevelledFile: file \(file) of a source of file \(self.file)")
    try audio.crop(file: file, start: start, into: buffer)
    scale.apply(to: buffer)
  }
}
