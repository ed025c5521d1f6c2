/// What a check of data expects.
public struct CheckOptions: Sendable {
    /// The characters that texts may be made of; nil allows any.
    public var characters: CharacterInventory?
    /// Whether a row with other characters is bad; else they are noted, because a model that is trained anew takes its characters
    /// from the texts.
    public var requiresCharacters = true
    /// A lexicon whose pronunciations the words of the texts must have, or let guess; empty: none.
    public var lexicon = ""
    /// How long a step is.
    public var geometry = StepGeometry()
    /// The speeds at which recordings will be played in training; a text must fit at each.
    public var speeds = [1.0]
    /// A recording whose peak is below this, in decibels of full scale, is silent.
    public var silenceLevel = -50.0
    /// The share of samples at full scale above which a recording is clipped.
    public var clippedShare = 0.001
    /// Characters in a second of speech.
    public var charactersPerSecond = 1.0...25.0
    /// The stated duration may be off by this many seconds, or by a twentieth where that is more.
    public var durationTolerance = 0.1
    /// The share of rows that may be bad.
    public var maxBad = BadShare.allowed
    /// At most this many recordings are read at once.
    public var threads = 1

    /// The defaults.
    public init() {}
}

/// A manifest to be checked, and what it is for.
public struct CheckInput: Sendable {
    /// What a manifest is for.
    public enum Role: String, Sendable, Codable {
        /// Learned from.
        case train
        /// Measured on.
        case dev
        /// Not said.
        case any
    }

    /// The path of the manifest.
    public let path: String
    /// What it is for.
    public let role: Role

    /// A manifest with a purpose.
    public init(path: String, role: Role = .any) { (self.path, self.role) = (path, role) }
}
