/// A configuration that a recipe may name by its file: `recipe: first.yaml`, or
/// `recipe: { extends: first.yaml, training: { steps: 20 } }`.
public protocol NamedByFile: Configuration {}
