import Audio
import Evaluate
import Foundation
import Tensor
import Testing

@Suite struct PlotTests {
  /// A tone is brightest where the axis says it is.
  @Test(arguments: [
    ("spectrogram", 2000, "2\u{A0}000"), ("spectrogram", 10_000, "10\u{A0}000"),
    ("cqt336", 261.63, "C4"), ("cqt336", 2093, "C7"), ("logcqt336", 65.41, "C2"),
    ("mel", 1000, "1\u{A0}000"), ("logmel128", 500, "500"), ("logmel229", 4000, "4\u{A0}000"),
    ("chroma12", 440, "A"), ("chroma12", 554.37, "C♯"),
  ])
  func aToneLiesAtItsLabel(kind: String, pitch: Double, label: String) throws {
    let sound = try PlotSound(pitch: pitch, seconds: 3)
    let picture = try ReadPicture(svg(kind, of: sound.path))
    let image = try picture.images()[0]
    let row = picture.frame.number("height") / Double(image.height)
    let y = picture.frame.number("y") + (Double(image.brightestRow) + 0.5) * row
    // Text stands 4.5 below the middle of its line; a bin is as wide as a row.
    #expect(abs(try picture.label(label).number("y") - 4.5 - y) <= 1.1 * row)
  }

  private func svg(
    _ kind: String, of path: String, from start: Double = 0, seconds: Double? = nil,
    title: String = "a tone"
  ) throws -> String {
    let excerpt = try FeatureExcerpt(of: path, from: start, seconds: seconds, sampleRate: 24_000)
    if kind == "spectrogram" { return try excerpt.spectrogram(title: title).svg }
    return try excerpt.picture(FeatureKind(named: kind), title: title).svg
  }

  @Test(arguments: ["spectrogram"] + FeatureKind.allCases.map(\.rawValue))
  func everyKindIsWellFormedAndLabelled(kind: String) throws {
    let sound = try PlotSound(pitch: 330, seconds: 0.5)
    let title = "<b>&\"'\u{202E}.wav"
    let picture = try ReadPicture(svg(kind, of: sound.path, title: title))
    #expect(picture.isWellFormed)
    #expect(picture.texts[0] == "<b>&\"'\\u{202E}.wav")
    #expect(picture.texts[1].hasPrefix("\(kind), "))
    #expect(picture.texts.contains("time (s)"))
    #expect(try picture.images().count == 2)
    let size = picture.elements[0]
    for element in picture.elements where element.name == "text" {
      #expect((0...size.number("width")).contains(element.number("x")), "\(element)")
      #expect((0...size.number("height")).contains(element.number("y")), "\(element)")
    }
  }

  /// Of silence, too, where no number is larger than 0.
  @Test(arguments: ["chroma12", "logcqt336"])
  func theColourBarOfSilenceIsLabelled(kind: String) throws {
    let sound = try PlotSound([Float](repeating: 0, count: 24_000))
    let picture = try ReadPicture(svg(kind, of: sound.path))
    #expect(picture.texts.contains("0.2") && picture.texts.allSatisfy { $0.count < 60 })
  }

  @Test func timeIsWhereItsLabelSays() throws {
    // A click in each of the first nine seconds, at its half.
    var samples = [Float](repeating: 0, count: 24_000 * 9)
    for second in 0..<9 { samples[24_000 * second + 12_000] = 0.9 }
    let sound = try PlotSound(samples)
    let picture = try ReadPicture(svg("spectrogram", of: sound.path, from: 3, seconds: 4))
    let image = try picture.images()[0]
    #expect(image.width == 300)
    let (three, seven) = (
      try picture.label("3.0").number("x"), try picture.label("7.0").number("x")
    )
    let frame = picture.frame
    #expect(three == frame.number("x"))
    #expect(seven == frame.number("x") + frame.number("width"))
    let columns = (0..<300).filter { column in image.rows.allSatisfy { $0[column] > 200 } }
    for second in 0..<4 {
      // Windows of 85 ms, 75 frames per second.
      let near = columns.filter { abs(Double($0) / 75 - Double(second) - 0.5) < 0.045 }
      #expect(near.count >= 3)
    }
    #expect(columns.allSatisfy { abs(Double($0 % 75) / 75 - 0.5) < 0.045 })
  }

  @Test func anExcerptShowsTheFramesOfTheWholeFile() throws {
    let samples = (0..<24_000 * 8).map { n -> Float in
      let t = Double(n) / 24_000
      return Float(0.3 * sin(2 * .pi * (200 + 60 * t) * t) + 0.1 * sin(2 * .pi * 1313 * t * t))
    }
    let sound = try PlotSound(samples)
    for kind in ["chroma12", "chroma264"] {
      let whole = try ReadPicture(svg(kind, of: sound.path)).images()[0]
      let part = try ReadPicture(svg(kind, of: sound.path, from: 4, seconds: 2)).images()[0]
      #expect(whole.width == 600 && part.width == 150)
      for (a, b) in zip(whole.rows, part.rows) { #expect(Array(a[300..<450]) == b) }
    }
  }

  @Test func longFilesAreDrawnInMinutes() throws {
    let frontEnd = try FeatureKind.chroma12.frontEnd(sampleRate: 24_000)
    let frames = 75 * 400
    let picture = FeaturePicture(
      of: .full([frames, 12], 0.5), .chroma12, by: frontEnd, from: 50, title: "long")
    let read = ReadPicture(picture.svg)
    #expect(read.texts.contains("time (min:s)"))
    #expect(read.texts.contains("1:00") && read.texts.contains("7:00"))
    #expect(try read.images()[0].width == 1200)
    #expect(picture.svg.utf8.count < 60_000)
  }

  @Test func silenceIsDrawnBlack() throws {
    let sound = try PlotSound([Float](repeating: 0, count: 24_000))
    for kind in ["cqt336", "mel", "logmel229", "mfcc39", "chroma12"] {
      let picture = try ReadPicture(svg(kind, of: sound.path))
      #expect(picture.isWellFormed)
      let values = Set(try picture.images()[0].rows.joined())
      // Deviations are nought, in the middle.
      #expect(values == [kind == "mfcc39" ? 128 : 0], "\(kind)")
    }
  }

  @Test func whatCannotBeDrawnIsSaid() throws {
    let sound = try PlotSound(pitch: 440, seconds: 1)
    #expect(throws: AudioError.tooShort(path: sound.path, seconds: 1, minimum: 5)) {
      _ = try svg("mel", of: sound.path, from: 5)
    }
    #expect(throws: FeatureError.unknown(name: "mell")) { _ = try svg("mell", of: sound.path) }
    let excerpt = try FeatureExcerpt(of: sound.path, sampleRate: 24_000)
    #expect(throws: PlotError.frameRate(1e6, sampleRate: 24_000)) {
      _ = try excerpt.spectrogram(frameRate: 1e6, title: "")
    }
  }
}

@Suite struct ColorTests {
  /// Forty decibels under the loudest are the middle of the bar.
  @Test func aDecibelIsADecibelWide() throws {
    let frontEnd = try FeatureKind.mel.frontEnd(sampleRate: 24_000)
    var powers = [Float](repeating: 0, count: 128)
    for (band, decibels) in [0, -20, -40, -60, -80, -100].enumerated() {
      powers[band] = 3 * Float(pow(10, Double(decibels) / 10))
    }
    let picture = FeaturePicture(
      of: Tensor(powers, shape: [1, 128]), .mel, by: frontEnd, title: "")
    let read = ReadPicture(picture.svg)
    let bands = try read.images()[0].rows.reversed().map { $0[0] }
    #expect(Array(bands.prefix(7)) == [255, 191, 128, 64, 0, 0, 0])
    let bar = read.elements.filter { $0.name == "image" }[1]
    let (y, height) = (bar.number("y"), bar.number("height"))
    for decibels in [0, -20, -40, -60, -80] {
      let label = try read.label(decibels == 0 ? "0" : "−\(-decibels)")
      #expect(abs(label.number("y") - 4.5 - (y - Double(decibels) / 80 * height)) < 0.11)
    }
    #expect(try read.images()[1].rows.map { $0[0] } == (0...255).reversed())
  }

  /// Lightness (CIE L*) rises evenly, so that equal steps look equal, in grey, too.
  @Test func lightnessRisesEvenly() throws {
    let frontEnd = try FeatureKind.mel.frontEnd(sampleRate: 24_000)
    let picture = FeaturePicture(of: .ones([1, 128]), .mel, by: frontEnd, title: "")
    let palette = try ReadPicture(picture.svg).images()[0].palette
    #expect(palette.count == 256)
    let lightness = palette.map(self.lightness)
    #expect(lightness[0] < 1 && lightness[255] > 96)
    for (step, (a, b)) in zip(lightness, lightness.dropFirst()).enumerated() {
      #expect((0.03...0.7).contains(b - a), "step \(step): \(b - a)")
    }
  }

  /// Source: CIE 15 and IEC 61966-2-1 (sRGB, D65).
  private func lightness(_ color: [UInt8]) -> Double {
    let linear = color.map { channel -> Double in
      let c = Double(channel) / 255
      return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4)
    }
    let y = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return y > 216.0 / 24_389 ? 116 * cbrt(y) - 16 : y * 24_389 / 27
  }
}
