/// A configuration that a recipe may give as the path of another file: `recipe: first.yaml`, or
/// `recipe: { extends: first.yaml, training: { steps: 20 } }`.
public protocol NamedByFile: Configuration {}
