/// The version of Etude, written into everything it makes.
public let etudeVersion = "0.1.0"
