import Foundation

/// In which form a checkpoint holds its model, by the `model_type` of its `config.json`, and who opens that.
enum PublishedForm: String {
  case hubert
  case data2vec = "data2vec-audio"
  case mert = "mert_model"
  case etude
  case mel = "etude-mel"
  case encodec

  private struct Config: Decodable {
    var model_type: String
  }

  /// - Returns: Nil if the checkpoint's model has none of these forms.
  init?(of checkpoint: URL) {
    let file = checkpoint.appendingPathComponent("config.json")
    guard let data = try? Data(contentsOf: file),
      let config = try? JSONDecoder().decode(Config.self, from: data)
    else { return nil }
    self.init(rawValue: config.model_type)
  }

  /// The library that Hugging Face shows for it.
  var library: String { [.etude, .mel].contains(self) ? "etude" : "transformers" }

  /// The task that Hugging Face lists it under; nil of a codec, for which there is none.
  var task: String? { self == .encodec ? nil : "feature-extraction" }

  /// What it is.
  var description: String {
    switch self {
    case .hubert: "An encoder of music audio, in the form of HuBERT"
    case .data2vec: "An encoder of music audio, in the form of data2vec audio"
    case .mert: "An encoder of music audio, in the form of MERT"
    case .etude: "An encoder of music audio, in a form of Etude's own"
    case .mel: "An encoder of music audio over frames of its spectrum, in a form of Etude's own"
    case .encodec: "A neural codec of music audio, in the form of EnCodec"
    }
  }

  /// How it is used here and in `transformers`, in Markdown. `MODEL` is the folder of the card.
  func instructions(sampleRate: Int) -> String {
    switch self {
    case .hubert, .data2vec: Self.embedding + "\n\n" + Self.python(sampleRate)
    case .mert:
      Self.embedding + "\n\n" + Self.python(sampleRate, trusting: true) + """


        `transformers` wants `configuration_MERT.py` and `modeling_MERT.py` of m-a-p/MERT-v1-95M beside the model.
        """
    case .etude: Self.embedding + "\n\n`transformers` has no such model and does not open it."
    case .mel:
      Self.embedding
        + "\n\n`etude convert` writes it in the form of a published model where that computes the same."
    case .encodec: Self.coding
    }
  }

  private static let embedding = """
    With the command of Etude, and in Swift:

    ```sh
    etude embed --model MODEL song.flac --out song.safetensors
    ```

    ```swift
    let encoder = try Encoders.load(URL(fileURLWithPath: "MODEL"))
    let samples = try AudioFile.decode("song.flac", sampleRate: encoder.config.sampleRate)
    let states = try encoder.hiddenStates(of: samples)
    ```
    """

  private static func python(_ sampleRate: Int, trusting: Bool = false) -> String {
    let trust = trusting ? ", trust_remote_code=True" : ""
    return """
      In `transformers`, with mono samples at \(sampleRate) Hz:

      ```python
      from transformers import AutoFeatureExtractor, AutoModel

      extractor = AutoFeatureExtractor.from_pretrained("MODEL")
      model = AutoModel.from_pretrained("MODEL"\(trust)).eval()
      inputs = extractor(samples, sampling_rate=\(sampleRate), return_tensors="pt")
      states = model(**inputs, output_hidden_states=True).hidden_states
      ```
      """
  }

  private static let coding = """
    With the command of Etude:

    ```sh
    etude codes --model MODEL song.flac --out song.safetensors
    etude codes decode --model MODEL song.safetensors --out song.wav
    ```

    In `transformers`:

    ```python
    from transformers import EncodecModel

    model = EncodecModel.from_pretrained("MODEL").eval()
    ```
    """
}
