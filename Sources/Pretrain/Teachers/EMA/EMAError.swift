/// Why an EMA teacher could not be made, or had to be stopped.
public enum EMAError: Error, Equatable, CustomStringConvertible {
  /// A decay is no share, or its steps are negative.
  case unusableSchedule(EMASchedule.Config)
  /// The model has not as many layers as the targets average.
  case noSuchLayers(top: Int, layers: Int)
  /// Targets or predictions hardly vary over frames any more.
  case collapsed(what: String, deviation: Float, least: Float, step: Int)

  /// One line with the remedy.
  public var description: String {
    switch self {
    case .unusableSchedule(let config):
      "ema: start \(config.start), end \(config.end) and steps \(config.steps) make no decay; "
        + "use decays in 0...1 and steps of at least 0"
    case .noSuchLayers(let top, let layers):
      "ema: the targets average the top \(top) layers of a model with \(layers); "
        + "set topLayers to 1...\(layers)"
    case .collapsed(let what, let deviation, let least, let step):
      "ema: the \(what) collapsed at step \(step), their deviation over frames is \(deviation), "
        + "below \(least); lower the learning rate, lengthen the warm-up or raise the decay"
    }
  }
}
