import ArgumentParser
import Settings
import Tensor

/// Refuses the number of an option that is outside of `range`, NaN included; one that is not given is fine.
func require<Number: SettingNumber>(
  _ option: String, _ value: Number?, in range: ClosedRange<Number>
) throws {
  guard let value, !range.contains(value) else { return }
  throw ValidationError(
    "\(option): \(value.inWords) is not between \(range.lowerBound.inWords) and "
      + range.upperBound.inWords)
}

/// Refuses signals that are longer together than benchmarks need, and than memory holds.
func require(batch: Int, clipSeconds: Double) throws {
  try require("--batch", batch, in: 1...65_536)
  try require("--clip-seconds", clipSeconds, in: 0.001...3_600)
  let seconds = Double(batch) * clipSeconds
  guard seconds <= 36_000 else {
    throw ValidationError(
      "--batch \(batch) of --clip-seconds \(clipSeconds.inWords): \(seconds.inWords) s of audio are "
        + "more than 36000 s; lower one of them")
  }
}
