import CTC
import Features
import Networks

extension AcousticModel {
    /// Puts a model together from its parts; what its file will say of itself is taken from them.
    /// - Parameters:
    ///   - name: the name of the model.
    ///   - training: how it was trained, for people: free text under free names.
    /// - Precondition: the encoder reads what the front end makes, the head what the encoder gives, and the head has a
    ///   class for each symbol.
    public init(
        name: String, frontEnd: FrontEnd, encoder: RecurrentNetwork, head: Linear, vocabulary: Vocabulary,
        training: [String: String]? = nil
    ) {
        precondition(encoder.inputs == frontEnd.stepDimension && encoder.outputs == head.weight.columns)
        precondition(head.weight.rows == vocabulary.symbols.count)
        let layer = encoder.layers[0]
        self.init(
            description: ModelDescription(
                format: ModelDescription.currentFormat, name: name, sampleRate: frontEnd.options.sampleRate,
                features: FrontEndDescription(frontEnd),
                encoder: EncoderDescription(
                    cell: layer.cell.rawValue, bidirectional: layer.directions.count == 2, hidden: layer.hidden,
                    layers: encoder.layers.count, input: layer.inputs),
                head: HeadDescription(
                    kind: HeadDescription.characters, blank: vocabulary.blank, vocabulary: vocabulary.symbols),
                training: training),
            frontEnd: frontEnd, encoder: encoder, head: head, vocabulary: vocabulary)
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
            normalisation: frontEnd.normalisation, stack: frontEnd.stack, stride: frontEnd.stride)
    }
}
