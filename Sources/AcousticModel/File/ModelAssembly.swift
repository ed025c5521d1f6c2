import CTC
import Features
import Networks

extension AcousticModel {
    /// Puts a model together from its parts; what its file will say of itself is taken from them.
    /// - Parameters:
    ///   - name: the name of the model.
    ///   - kind: what the classes are.
    ///   - headHidden: a layer below the head; nil for none.
    ///   - characterHead: a head of characters beside phones; nil for none.
    ///   - phrases: the labels of a head of phrases; nil for other heads.
    ///   - threshold: the lowest probability of a label that is accepted.
    ///   - base: the name of the model that it was adapted from; nil for none.
    ///   - training: how it was trained, for people: free text under free names.
    /// - Precondition: a vocabulary of the head's kind; the encoder reads what the front end makes, the head what the encoder gives, and the head has a
    ///   class for each symbol.
    public init(
        name: String, frontEnd: FrontEnd, encoder: RecurrentNetwork, head: Linear, vocabulary: Vocabulary,
        kind: HeadKind = .characters, headHidden: Linear? = nil, characterHead: CharacterHead? = nil,
        phrases: PhraseScores? = nil,
        threshold: Double? = nil, training: [String: String]? = nil, base: String? = nil
    ) {
        precondition(encoder.inputs == frontEnd.stepDimension)
        precondition((headHidden?.weight.columns ?? head.weight.columns) == encoder.outputs)
        precondition(headHidden.map { $0.weight.rows == head.weight.columns } ?? true)
        precondition(characterHead.map { kind == .phones && $0.layer.weight.columns == encoder.outputs } ?? true)
        precondition((kind == .phrases) == (phrases != nil))
        precondition(head.weight.rows == kind.outputs(classes: vocabulary.symbols.count))
        let layer = encoder.layers[0]
        self.init(
            description: ModelDescription(
                format: ModelDescription.currentFormat, name: name, sampleRate: frontEnd.options.sampleRate,
                features: FrontEndDescription(frontEnd),
                encoder: EncoderDescription(
                    cell: layer.cell.rawValue, bidirectional: layer.directions.count == 2, hidden: layer.hidden,
                    layers: encoder.layers.count, input: encoder.inputs,
                    convolution: encoder.convolution?.outputs),
                head: HeadDescription(
                    kind: kind.rawValue, blank: vocabulary.blank, vocabulary: vocabulary.symbols,
                    hidden: headHidden?.weight.rows, phrases: phrases?.phrases,
                    pronunciations: vocabulary.unit == .phone ? phrases?.pronunciations(vocabulary) : nil,
                    threshold: threshold),
                characterHead: characterHead.map {
                    HeadDescription(
                        kind: HeadKind.characters.rawValue, blank: $0.vocabulary.blank,
                        vocabulary: $0.vocabulary.symbols)
                },
                training: training, base: base),
            frontEnd: frontEnd, encoder: encoder, head: head, headHidden: headHidden,
            vocabulary: vocabulary, characterHead: characterHead, phrases: phrases)
    }
}

extension FrontEndDescription {
    /// What a model file says of a front end.
    public init(_ frontEnd: FrontEnd) {
        let options = frontEnd.options
        let isCepstral = options.kind == .mfcc
        self.init(
            kind: options.kind.rawValue, windowLength: options.windowLength, frameShift: options.frameShift,
            window: options.window.rawValue, preemphasis: options.preemphasis, removesDC: options.removesDC,
            fft: options.fourierSize, melBands: options.melBands,
            coefficients: isCepstral ? options.coefficients : nil, lowFrequency: options.lowFrequency,
            highFrequency: options.highFrequency, lifter: isCepstral ? options.lifter : nil,
            usesEnergy: options.usesEnergy, dither: 0, snipsEdges: options.snipsEdges, samples: "int16 range",
            normalisation: frontEnd.normalisation, stack: frontEnd.stack, stride: frontEnd.stride,
            range: frontEnd.range,
            padding: frontEnd.padding == 0 ? nil : 1000 * frontEnd.padding
        )
    }
}
