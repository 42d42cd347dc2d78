import Models
import Optimisation
import Settings
import Tensor

/// What of a model is trained and what is frozen, as plans count it.
struct TrainedParts {
  private let places: [(place: ParameterPlace, count: Int, isFrozen: Bool)]

  /// Those of a recipe, whose model is built if its groups freeze anything.
  ///
  /// - Traps when: the recipe does not pass `check()`.
  init(of recipe: some TrainingRecipe) {
    guard recipe.optimizer.groups.contains(where: { $0.frozen == true }) else {
      places = []
      return
    }
    do {
      places = try recipe.numberedPlaces().map { place, count, numbers in
        (place, count, numbers.isFrozen(place))
      }
    } catch {
      preconditionFailure("TrainedParts: \(error)")
    }
  }

  /// Numbers that keep their first values.
  var frozenCount: Int { places.reduce(0) { $0 + ($1.isFrozen ? $1.count : 0) } }

  /// Of the numbers of a part the share that is trained.
  func share(where isThere: (ParameterPlace) -> Bool) -> Double {
    let part = places.filter { isThere($0.place) }
    let all = part.reduce(0) { $0 + $1.count }
    return all == 0 ? 1 : Double(part.reduce(0) { $0 + ($1.isFrozen ? 0 : $1.count) }) / Double(all)
  }

  /// Times that the products of a part are made: forward, for the gradient of its trained weights, and for that of
  /// what enters it if something below is trained.
  func directions(
    where isThere: (ParameterPlace) -> Bool, above isBelow: (ParameterPlace) -> Bool
  ) -> Double {
    1 + share(where: isThere) + (share(where: isBelow) > 0 ? 1 : 0)
  }
}

extension TrainingRecipe {
  /// The parameters of the model, which is built, with the numbers that they are trained by.
  /// - Throws: `RunError.recipe` if the optimiser's groups do not fit the model.
  fileprivate func numberedPlaces() throws -> [(ParameterPlace, Int, ParameterNumbers)] {
    let model = try model(codebooks: labelSizes, startingAs: StartingPoint())
    do throws(InvalidSetting) {
      let numbers = try ParameterNumbers(optimizer, of: model)
      var all: [(ParameterPlace, Int, ParameterNumbers)] = []
      model.forEachParameter { all.append(($0, $1.elementCount, numbers)) }
      return all
    } catch {
      throw RunError.recipe(name, reason: error.inside("optimizer").description)
    }
  }

  /// Checks that the optimiser's groups and layer decay fit the model, which is built if there are any.
  /// - Throws: `RunError.recipe`.
  func checkParameters() throws {
    guard !optimizer.groups.isEmpty || optimizer.layerDecay != 1 else { return }
    _ = try numberedPlaces()
  }
}
