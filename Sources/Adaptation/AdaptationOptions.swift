import AcousticModel
import Corpora

/// What an adaptation does; the defaults suit five recordings as well as five thousand.
public struct AdaptationOptions: Sendable {
    /// What learns in a stage, the head always among it.
    public enum Stage: Sendable, Equatable {
        /// The head alone, on outputs of the encoder that are computed once.
        case head
        /// The head and so many of the highest layers.
        case top(Int)
        /// Everything.
        case all
    }

    /// Paths of manifests to learn from; none where labels are listed.
    public var train: [String] = []
    /// A text file of labels, one a line, which need no recording; nil for none.
    public var words: String?
    /// The lexicon by which labels and texts are spelled in the phones of the base, compiled or as text; nil: they are spelled in
    /// its characters.
    public var lexicon: String?
    /// Paths of manifests by which stages are stopped and chosen; none: a part of train where there is enough of it.
    public var dev: [String] = []
    /// A manifest of the old domain, which is learned from and measured too; nil for none.
    public var keep: String?
    /// Manifests of other speech, which a classifier is to reject.
    public var other: [String] = []
    /// What the classes are; nil: as the transcripts suggest.
    public var head: HeadKind?
    /// Units of a hidden layer of the head; nil for none.
    public var hidden: Int?
    /// The stages; nil: as the number of recordings suggests.
    public var stages: [Stage]?
    /// So many of the lowest layers never change.
    public var frozenLayers = 0
    /// The pull towards the source weights (L2-SP); 0 for none.
    public var pull = 0.0
    /// Passes over the data after the head's own stage; nil: as the head suggests.
    public var epochs: Int?
    /// Whether the encoder begins with random weights, to show what transfer gains.
    public var fromScratch = false
    /// Whether an unfinished run is gone on with.
    public var resumes = false
    /// How text is found by a model of characters or phones where it is used: the base and what is learned are measured so too.
    public var decoding: AdaptationDecoding?
    /// The share of rows that may be bad and are skipped.
    public var maxBad = BadShare.allowed
    /// What all random numbers come from.
    public var seed: UInt64 = 1

    /// The defaults.
    public init() {}

    /// Below so many recordings the encoder stays as it is: with others to measure by, and without. (On digits of two
    /// speakers, five a digit, the head alone had 31 % errors on the third and all layers 40 %.)
    static let fewest = (measured: 20, unmeasured: 300)

    /// The stages that are gone through.
    /// - Parameters:
    ///   - recordings: to learn from.
    ///   - hasDev: whether there are others to measure by.
    ///   - layers: of the encoder.
    ///   - labelsRecordings: whether a recording has one label as a whole.
    package func stages(recordings: Int, hasDev: Bool, layers: Int, labelsRecordings: Bool = false) -> [Stage] {
        if fromScratch { return [.all] }
        let isFew = recordings < (hasDev ? Self.fewest.measured : Self.fewest.unmeasured)
        // Of labels, unmeasured recordings in number are of few voices, which the encoder would learn by heart.
        let isHeadAlone = isFew || (labelsRecordings && !hasDev)
        let wanted = stages ?? (isHeadAlone ? [.head] : [.head, .top(max(1, layers / 2)), .all])
        let most = layers - min(layers, frozenLayers)
        var stages: [Stage] = []
        for stage in wanted {
            let held: Stage?
            switch stage {
            case .head: held = .head
            case .top(let count): held = most == 0 ? nil : .top(min(count, most))
            case .all: held = most == 0 ? nil : .top(most)
            }
            if let held, held != stages.last { stages.append(held) }
        }
        return stages
    }
}
