/// How wide a search looks. The defaults lose nothing that was measured (docs/decoding.md has the figures).
public struct BeamOptions: Sendable, Equatable {
    /// How many prefixes are kept after each step.
    public var beam = 256
    /// How many texts are wanted in the end.
    public var nBest = 1
    /// Prefixes that score so many nats less than the best one are given up.
    public var scoreThreshold: Float = 14
    /// Classes that are so many nats less likely than a step's best one do not extend prefixes at that step.
    public var classThreshold: Float = 6

    /// Where one text is wanted, a prefix is given up that another one, equal in all that the future depends on, is ahead of
    /// by so many nats (see docs/decoding.md). Where several are wanted, they are what such prefixes lead to.
    public var recombinationMargin: Float = 0.5

    /// Where several texts are wanted, what came second in a part of the recording that is decided on (``BeamSearch/settle()``)
    /// may take the place of what came first. Not where a scorer holds for the text as a whole, as a grammar does.
    public var remembersSettled = true

    /// A pause ends words: after so many steps in a row whose likeliest class is the blank or the space, no word is under way. nil
    /// where words may last through any pause.
    public var pauseSteps: Int?

    /// Seconds of such a pause.
    public static let pause = 0.7

    /// The steps of such a pause.
    public static func pauseSteps(secondsPerStep: Double) -> Int { max(2, Int((pause / secondsPerStep).rounded())) }

    /// Whether words end now: once in so long a pause, so that the next word may begin in it.
    /// - Parameter quietSteps: steps of the pause so far.
    func endsWords(after quietSteps: Int) -> Bool {
        pauseSteps.map { quietSteps > 0 && quietSteps.isMultiple(of: $0) } ?? false
    }

    /// The widest beam that can be asked for.
    public static let widest = 10_000

    /// The defaults.
    public init() {}

    /// With another width.
    public init(beam: Int, nBest: Int = 1) { (self.beam, self.nBest) = (beam, nBest) }

    /// A search that gives up nothing while its beam holds: for tests and for very small inputs.
    public static func exhaustive(beam: Int, nBest: Int = 1) -> BeamOptions {
        var options = BeamOptions(beam: beam, nBest: nBest)
        (options.scoreThreshold, options.classThreshold) = (.infinity, .infinity)
        options.recombinationMargin = .infinity
        return options
    }
}

/// A text that a search found.
public struct Hypothesis: Sendable, Equatable {
    /// The classes that spell it.
    public let labels: [Int]
    /// What they spell, words apart by single spaces.
    public let text: String
    /// ln P(text) by the acoustic model, over the paths that the search kept: a lower bound of the exact value.
    public let acoustic: Double
    /// What the scorers gave, in nats.
    public let steering: Double
    /// False where no prefix of the beam could end: then this is the part of the best one that can.
    public let isComplete: Bool
    /// Its words with their phones, where it was found by those; else empty.
    public internal(set) var words: [SpokenWord] = []

    package init(labels: [Int], text: String, acoustic: Double, steering: Double, isComplete: Bool) {
        (self.labels, self.text, self.acoustic) = (labels, text, acoustic)
        (self.steering, self.isComplete) = (steering, isComplete)
    }

    /// What texts are ranked by.
    public var score: Double { acoustic + steering }
}
