import Settings

extension ProbeRecipe {
  /// Every setting of a probe recipe with type, range, default and meaning, in Markdown:
  /// `docs/probe-reference.md`.
  public static var reference: String {
    SettingReference(of: self).page(
      title: "The settings of a probe recipe",
      introduction: """
        Printed by `etude recipe --reference --kind probe`, from the code. `etude probe` and `etude compare` read \
        such a recipe, as `recipes/probes/corpus.yaml`: a YAML file that names only what differs from these \
        defaults, or from those of the files in its `extends`. Ranges that depend on other settings are checked \
        when a recipe is read, and are not listed here.
        """)
  }

  /// The JSON schema of probe recipes: `docs/probe.schema.json`.
  public static var schema: String {
    SettingReference(of: self).schema(title: "A probe recipe of Etude")
  }
}
