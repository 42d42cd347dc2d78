import ArgumentParser

@main
struct Etude: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "etude",
    abstract: "Self-supervised pre-training on music audio, on CPUs.")
}
