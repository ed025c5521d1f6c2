import CTC
import Messages

extension HeadDescription {
    /// Whether the classes of a head of phrases are phones.
    var spellsPhones: Bool { pronunciations != nil && kind == HeadKind.phrases.rawValue }
}

/// The phrases of a model file: the labels are in the description, with their pronunciations where the classes are phones; the
/// tensors have the biases, and ln of the probability of each pronunciation, one phrase after the other.
extension PhraseScores: TensorPart {
    package static var isExact: Bool { true }
    package var size: (phrases: Int, pronunciations: Int?) {
        (phrases.count, unit == .phone ? spellings.reduce(0) { $0 + $1.count } : nil)
    }

    package static func rows(_ size: (phrases: Int, pronunciations: Int?)) -> [TensorRow<PhraseScores>] {
        [TensorRow("phrases", [size.phrases + 1], \.bias)]
            + (size.pronunciations.map { count in
                [
                    TensorRow("pronunciations", [count], isWeight: false) { phrases in
                        phrases.spellings.flatMap { $0.map(\.logWeight) }
                    }
                ]
            } ?? [])
    }

    /// The pronunciations of each phrase, as text; nil where the classes are characters.
    func pronunciations(_ vocabulary: Vocabulary) -> [[String]]? {
        unit == .phone ? spellings.map { $0.map { vocabulary.text(of: $0.labels) } } : nil
    }
}

extension ModelReader {
    /// Refuses a head of another kind that has phrases.
    func expectNoPhrases(_ described: HeadDescription) throws {
        guard described.phrases == nil else { throw error("has a \(described.kind) head with phrases") }
        guard described.pronunciations == nil else { throw error("has a \(described.kind) head with pronunciations") }
    }

    /// The phrases that the description of a head of phrases names.
    func phrases(_ described: HeadDescription, _ vocabulary: Vocabulary) throws -> PhraseScores {
        guard let labels = described.phrases else { throw error("has a \(described.kind) head without phrases") }
        let count = described.pronunciations.map { $0.reduce(0) { $0 + $1.count } }
        let tensors = try tensors(PhraseScores.self, TensorName.head, (labels.count, count))
        guard Set(labels).count == labels.count, labels.allSatisfy({ OneLine.escaped($0) == $0 }) else {
            throw error("has phrases with control characters, or one twice")
        }
        guard let pronunciations = described.pronunciations else {
            guard let phrases = PhraseScores(phrases: labels, bias: tensors[0], vocabulary: vocabulary) else {
                throw error("has phrases that its characters cannot spell, or cannot tell apart")
            }
            return phrases
        }
        var weights = tensors[1][...]
        let speller = Speller(vocabulary)
        let spellings = pronunciations.map { ways in
            ways.map { way in
                PhraseScores.Spelling(labels: speller.labels(of: way) ?? [], logWeight: weights.popFirst() ?? 0)
            }
        }
        guard
            let phrases = PhraseScores(phrases: labels, spellings: spellings, bias: tensors[0], vocabulary: vocabulary)
        else { throw error("has phrases whose pronunciations are not of its phones, or cannot be told apart") }
        return phrases
    }
}
