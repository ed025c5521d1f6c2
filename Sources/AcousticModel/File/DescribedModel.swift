import CTC
import Features
import Networks

extension AcousticModel {
    /// What its file says about it.
    public var description: ModelDescription {
        ModelDescription(
            format: ModelDescription.currentFormat, name: name, sampleRate: frontEnd.options.sampleRate,
            features: FrontEndDescription(frontEnd), encoder: EncoderDescription(encoder), head: HeadDescription(head),
            characterHead: head.characters.map { HeadDescription(kind: .characters, $0.vocabulary) },
            speechDetector: speechDetector == nil ? nil : SpeechDetector.kind, training: training, base: base)
    }
}

extension HeadDescription {
    /// What a model file says of a head.
    init(_ head: Head) {
        let vocabulary = head.layers.vocabulary
        self.init(kind: head.kind, vocabulary)
        hidden = head.layers.hidden?.weight.rows
        phrases = head.phrases?.phrases
        pronunciations = head.phrases?.pronunciations(vocabulary)
        threshold = head.threshold
        ngram = head.ngram.map(NGramDescription.init)
    }

    fileprivate init(kind: HeadKind, _ vocabulary: Vocabulary) {
        self.init(kind: kind.rawValue, blank: vocabulary.blank, vocabulary: vocabulary.symbols)
    }
}

extension EncoderDescription {
    /// What a model file says of an encoder.
    init(_ encoder: RecurrentNetwork) {
        let layer = encoder.layers[0]
        self.init(
            cell: layer.cell.rawValue, bidirectional: layer.directions.count == 2, hidden: layer.hidden,
            layers: encoder.layers.count, input: encoder.inputs, convolution: encoder.convolution?.outputs)
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
