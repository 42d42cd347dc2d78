import Foundation

/// 27 files of three singers as VocalSet lays them out, and some that are not used. Singers differ in pitch, techniques
/// in overtones.
///
/// For the task of techniques, female1 is in training, female4 in validation and male3 in the test. For that of
/// singers, each has three files in each part.
enum VocalSetFixture {
  /// The files of a singer; the first three are for training, the next for validation, the last for the test, by the
  /// remainders of Python's `hashlib`.
  static let files = [
    "female1": [
      "scales/lip_trill/f1_scales_lip_trill_c_a", "scales/straight/f1_scales_straight_c_a",
      "arpeggios/straight/f1_arpeggios_straight_c_o",
      "scales/lip_trill/f1_scales_lip_trill_c_i", "arpeggios/lip_trill/f1_arpeggios_lip_trill_c_a",
      "scales/straight/f1_scales_straight_c_o",
      "scales/lip_trill/f1_scales_lip_trill_c_e", "arpeggios/lip_trill/f1_arpeggios_lip_trill_c_e",
      "arpeggios/straight/f1_arpeggios_straight_c_a",
    ],
    "female4": [
      "scales/lip_trill/f4_scales_lip_trill_c_e", "scales/straight/f4_scales_straight_c_a",
      "arpeggios/straight/f4_arpeggios_straight_c_u",
      "scales/lip_trill/f4_scales_lip_trill_c_a", "scales/straight/f4_scales_straight_c_e",
      "arpeggios/straight/f4_arpeggios_straight_c_a",
      "scales/lip_trill/f4_scales_lip_trill_f_i", "arpeggios/lip_trill/f4_arpeggios_lip_trill_c_i",
      "arpeggios/straight/f4_arpeggios_straight_c_e",
    ],
    "male3": [
      "scales/lip_trill/m3_scales_lip_trill_c_e", "scales/straight/m3_scales_straight_c_i",
      "arpeggios/straight/m3_arpeggios_straight_c_a",
      "scales/lip_trill/m3_scales_lip_trill_c_o", "scales/straight/m3_scales_straight_c_a",
      "arpeggios/lip_trill/m3_arpeggios_lip_trill_c_a",
      // As published, without the singer's prefix.
      "scales/lip_trill/scales_lip_trill", "scales/lip_trill/m3_scales_lip_trill_c_a",
      "scales/straight/m3_scales_straight_c_o",
    ],
  ]

  private static let pitches = ["female1": 440.0, "female4": 330, "male3": 165]

  /// Writes `VocalSet/FULL` below a folder.
  static func write(below root: URL, seconds: Double = 7) throws {
    let full = root.appendingPathComponent("VocalSet/FULL")
    for (singer, names) in files {
      let folder = full.appendingPathComponent(singer)
      for name in names + ["scales/vibrato/caro_vibrato"] {
        try writeTone(
          to: folder.appendingPathComponent("\(name).wav"), seconds: seconds, sampleRate: 8000,
          frequency: pitches[singer]!, harmonics: name.contains("straight") ? 1 : 6)
      }
      try Data([0]).write(to: folder.appendingPathComponent("scales/straight/.DS_Store"))
    }
  }
}
