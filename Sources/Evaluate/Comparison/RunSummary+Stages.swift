import Foundation
import Train

extension [RunSummary] {
  /// The same with earlier stages named by their recipes, without what else these set. Where two runs have other stages
  /// of one name, what differs between these stays.
  func namingStages() -> [RunSummary] {
    let all = map(\.settingsOfPlainNames)
    let values = all.map { settings in
      Dictionary(settings.map { ($0.path, $0.value) }) { _, last in last }
    }
    return indices.map { place in
      var run = self[place]
      run.recipe = all[place].filter { setting in
        guard let name = setting.path.nameOfEarlierStage, setting.path != name else { return true }
        let twins = values.filter { $0[name] == values[place][name] }
        return !setting.isIncidental && twins.contains { $0[setting.path] != setting.value }
      }
      return run
    }
  }
}

extension RunSummary {
  /// Its settings. `--seeds` puts a seed into the names of earlier stages, too, which is left out of them.
  fileprivate var settingsOfPlainNames: [Setting] {
    let values = Dictionary(recipe.map { ($0.path, $0.value) }) { _, last in last }
    return recipe.map { setting in
      guard setting.path == setting.path.nameOfEarlierStage,
        let seed = values[String(setting.path.dropLast("name".count)) + "seed"]
      else { return setting }
      let ending = "-seed-\(seed)"
      return setting.value.hasSuffix(ending)
        ? Setting(path: setting.path, value: String(setting.value.dropLast(ending.count))) : setting
    }
  }
}

extension RunSummary.Setting {
  /// Whether it changes nothing that a stage of its name learns, but for chance.
  fileprivate var isIncidental: Bool {
    Recipe.isOperational(path) || path.hasSuffix(".recipe.seed")
  }
}

extension String {
  /// Where the name of the earlier stage stands that the setting of this path belongs to; nil if it is the run's own.
  fileprivate var nameOfEarlierStage: String? {
    guard contains(".layer.recipe.") || contains(".layerRVQ.layers") && contains(".recipe."),
      let recipe = range(of: ".recipe.", options: .backwards)
    else { return nil }
    return String(self[..<recipe.upperBound]) + "name"
  }
}
