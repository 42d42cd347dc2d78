/// The version of Etude, which is written into all output files.
public let etudeVersion = "0.1.0"
