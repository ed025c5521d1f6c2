import CTC
import Messages
import TensorFiles

extension HeadDescription {
    /// Whether the classes of a head of phrases are phones.
    var spellsPhones: Bool { pronunciations != nil && kind == HeadKind.phrases.rawValue }
}

/// The phrases of a model file: the labels are in the description, with their pronunciations where the classes are phones; the tensor
/// `head.phrases` has the biases, `head.pronunciations` ln of the probability of each pronunciation, one phrase after the other.
extension PhraseScores {
    package static let namesOfTensors = (bias: "head.phrases", weights: "head.pronunciations")

    /// The pronunciations of each phrase, as text.
    func pronunciations(_ vocabulary: Vocabulary) -> [[String]] {
        spellings.map { $0.map { vocabulary.text(of: $0.labels) } }
    }

    /// As a file holds it.
    func tensors(_ vocabulary: Vocabulary) throws -> [String: Tensor] {
        var tensors = [Self.namesOfTensors.bias: try Tensor(shape: [bias.count], values: bias)]
        if vocabulary.unit == .phone {
            let weights = spellings.flatMap { $0.map(\.logWeight) }
            tensors[Self.namesOfTensors.weights] = try Tensor(shape: [weights.count], values: weights)
        }
        return tensors
    }
}

extension ModelReader {
    /// The phrases that the description names.
    func phrases(_ described: HeadDescription, _ vocabulary: Vocabulary) throws -> PhraseScores? {
        let kind = HeadKind(rawValue: described.kind)
        guard let labels = described.phrases, kind == .phrases else {
            guard described.phrases == nil, kind != .phrases else {
                throw error("has a \(described.kind) head \(described.phrases == nil ? "without" : "with") phrases")
            }
            guard described.pronunciations == nil else {
                throw error("has a \(described.kind) head with pronunciations")
            }
            return nil
        }
        let bias = try tensor(PhraseScores.namesOfTensors.bias, shape: [labels.count + 1]).values
        guard Set(labels).count == labels.count, labels.allSatisfy({ OneLine.escaped($0) == $0 }) else {
            throw error("has phrases with control characters, or one twice")
        }
        guard let pronunciations = described.pronunciations else {
            guard let phrases = PhraseScores(phrases: labels, bias: bias, vocabulary: vocabulary) else {
                throw error("has phrases that its characters cannot spell, or cannot tell apart")
            }
            return phrases
        }
        let count = pronunciations.reduce(0) { $0 + $1.count }
        var weights = try tensor(PhraseScores.namesOfTensors.weights, shape: [count]).values[...]
        let speller = Speller(vocabulary)
        let spellings = pronunciations.map { ways in
            ways.map { way in
                PhraseScores.Spelling(labels: speller.labels(of: way) ?? [], logWeight: weights.popFirst() ?? 0)
            }
        }
        guard
            let phrases = PhraseScores(phrases: labels, spellings: spellings, bias: bias, vocabulary: vocabulary)
        else { throw error("has phrases whose pronunciations are not of its phones, or cannot be told apart") }
        return phrases
    }
}
