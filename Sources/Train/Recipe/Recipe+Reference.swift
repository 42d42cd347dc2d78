import Settings

extension Recipe {
  /// Every setting of a recipe with type, range, default and meaning, in Markdown: `docs/recipe-reference.md`.
  public static var reference: String {
    SettingReference(of: self).page(
      title: "The settings of a training recipe",
      introduction: """
        Printed by `etude recipe --reference`, from the code. A recipe is a YAML file that names only what differs \
        from these defaults, or from those of the files in its `extends`: one path or a list of them, relative to \
        the recipe, the later over the earlier. `null` clears a setting that may be absent. `etude recipe --schema` \
        prints the same for an editor ([pretraining.md](pretraining.md)). Ranges that depend on other settings are \
        checked when a recipe is read, and are not listed here.
        """)
  }

  /// The JSON schema of recipe files: `docs/recipe.schema.json`.
  public static var schema: String {
    SettingReference(of: self).schema(title: "A training recipe of Etude")
  }
}
