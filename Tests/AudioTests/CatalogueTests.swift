import Audio
import Tensor
import TestSupport
import Testing

/// What the catalogue shows, run as it stands there.
@Suite struct CatalogueTests {
  @Test func theExampleRuns() throws {
    let folder = try TestFolder()
    let song = folder.path("song.wav")
    try AudioFile.write(tones(44_100, sampleRate: 44_100), sampleRate: 44_100, to: song)
    let samples = try AudioFile.decode(song, sampleRate: 24_000)
    let mel = MelSpectrogram(sampleRate: 24_000)
    let features = mel(samples)  // [frames, 128], 75 frames per second
    #expect(features.shape == [76, 128])
  }

  @Test func theCatalogueShowsThisCode() throws {
    try expectCompiled("Sources/Audio/Audio.docc/Audio.md", blocks: 1)
  }
}
