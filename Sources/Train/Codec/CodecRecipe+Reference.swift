import Settings

extension CodecRecipe {
  /// Every setting of a codec's recipe with type, range, default and meaning, in Markdown: `docs/codec-reference.md`.
  public static var reference: String {
    SettingReference(of: self).page(
      title: "The settings of a codec's recipe",
      introduction: """
        Printed by `etude recipe --reference --kind codec`, from the code. `etude pretrain` reads such a recipe, as \
        `recipes/codec/small-24khz.yaml`: a YAML file with `kind: codec` that names only what differs from these \
        defaults, or from those of the files in its `extends`. `null` clears a setting that may be absent. Ranges \
        that depend on other settings are checked when a recipe is read, and are not listed here.
        """)
  }

  /// The JSON schema of codecs' recipes: `docs/codec.schema.json`.
  public static var schema: String {
    SettingReference(of: self).schema(title: "A codec's recipe of Etude")
  }
}
