import Tensor

/// A configuration that a recipe may name by its file: `recipe: first.yaml`, or
/// `recipe: { extends: first.yaml, training: { steps: 20 } }`. See `RecipeFiles.expanded`.
protocol NamedByFile: Configuration {}

extension Recipe: NamedByFile {}
