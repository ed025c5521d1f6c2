import AcousticModel
import Features

/// A field of a description that nothing is known of: a misspelt one would else be passed over.
struct UnknownField: Error {
    let name: String
}

/// The fields of an object, all of which must be known.
private struct Fields {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private let container: KeyedDecodingContainer<Name>

    init(_ decoder: any Decoder, known: [String]) throws {
        container = try decoder.container(keyedBy: Name.self)
        if let other = container.allKeys.map(\.stringValue).sorted().first(where: { !known.contains($0) }) {
            throw UnknownField(name: (decoder.codingPath.map(\.stringValue) + [other]).joined(separator: "."))
        }
    }

    func callAsFunction<Value: Decodable>(_ name: some CodingKey, as type: Value.Type = Value.self) throws -> Value {
        try container.decode(Value.self, forKey: Name(stringValue: name.stringValue))
    }

    func callAsFunction<Value: Decodable>(_ name: some CodingKey, else value: Value) throws -> Value {
        try container.decodeIfPresent(Value.self, forKey: Name(stringValue: name.stringValue)) ?? value
    }

    func maybe<Value: Decodable>(_ name: some CodingKey) throws -> Value? {
        try container.decodeIfPresent(Value.self, forKey: Name(stringValue: name.stringValue))
    }
}

extension PyTorchDescription {
    /// Reads the fields; what has a default may be left out.
    public init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder, known: CodingKeys.allCases.map(\.rawValue))
        name = try fields(CodingKeys.name)
        sampleRate = try fields(CodingKeys.sampleRate)
        encoder = try fields(CodingKeys.encoder)
        head = try fields(CodingKeys.head)
        characterHead = try fields.maybe(CodingKeys.characterHead)
        tensors = try fields(CodingKeys.tensors, else: Names())
        training = try fields.maybe(CodingKeys.training)
        features = try fields(CodingKeys.features, as: KaldiFeatures.self).description(sampleRate: sampleRate)
    }
}

/// The front end of a description, where Kaldi's defaults may be left out.
private struct KaldiFeatures: Decodable {
    private let features: FrontEndDescription
    private let hasTransformSize: Bool

    private typealias Key = FrontEndDescription.CodingKeys

    init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder, known: Key.allCases.map(\.rawValue))
        let kaldi = FrontEnd(options: FeatureOptions(), normalisation: .none, stack: 1, stride: 1)
        var features = FrontEndDescription(kaldi)
        features.kind = try fields(Key.kind)
        features.windowLength = try fields(Key.windowLength, else: features.windowLength)
        features.frameShift = try fields(Key.frameShift, else: features.frameShift)
        features.window = try fields(Key.window, else: features.window)
        features.preemphasis = try fields(Key.preemphasis, else: features.preemphasis)
        features.removesDC = try fields(Key.removesDC, else: features.removesDC)
        features.melBands = try fields(Key.melBands)
        features.lowFrequency = try fields(Key.lowFrequency, else: features.lowFrequency)
        features.highFrequency = try fields(Key.highFrequency, else: features.highFrequency)
        features.usesEnergy = try fields(Key.usesEnergy, else: features.usesEnergy)
        features.dither = try fields(Key.dither, else: features.dither)
        features.snipsEdges = try fields(Key.snipsEdges, else: features.snipsEdges)
        features.samples = try fields(Key.samples, else: features.samples)
        features.normalisation = try fields(Key.normalisation)
        features.stack = try fields(Key.stack, else: features.stack)
        features.stride = try fields(Key.stride, else: features.stride)
        features.coefficients = try fields.maybe(Key.coefficients)
        features.lifter = try fields(Key.lifter, else: features.lifter)
        features.range = try fields.maybe(Key.range)
        features.padding = try fields.maybe(Key.padding)
        let fft: Int? = try fields.maybe(Key.fft)
        hasTransformSize = fft != nil
        features.fft = fft ?? features.fft
        if features.kind == FeatureKind.mfcc.rawValue, features.coefficients == nil {
            features.coefficients = try fields(Key.coefficients)
        }
        self.features = features
    }

    /// The description, with the size of the Fourier transform that the length of a frame gives.
    func description(sampleRate: Int) -> FrontEndDescription {
        // Of numbers that no front end can have, the check of the whole will speak.
        guard !hasTransformSize, (1...192_000).contains(sampleRate), (0.001...1000).contains(features.windowLength)
        else {
            return features
        }
        var (described, options) = (features, FeatureOptions())
        (options.sampleRate, options.windowLength) = (sampleRate, features.windowLength)
        described.fft = options.fourierSize
        return described
    }
}

extension PyTorchDescription.Encoder {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case cell, bidirectional, hidden, layers, bias
    }

    /// Reads the fields; `bias` may be left out.
    public init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder, known: CodingKeys.allCases.map(\.rawValue))
        cell = try fields(CodingKeys.cell)
        bidirectional = try fields(CodingKeys.bidirectional)
        hidden = try fields(CodingKeys.hidden)
        layers = try fields(CodingKeys.layers)
        bias = try fields(CodingKeys.bias, else: true)
    }
}

extension PyTorchDescription.Head {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, blank, vocabulary, space, bias
    }

    /// Reads the fields; `kind`, `space` and `bias` may be left out.
    public init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder, known: CodingKeys.allCases.map(\.rawValue))
        kind = try fields.maybe(CodingKeys.kind)
        blank = try fields(CodingKeys.blank)
        vocabulary = try fields(CodingKeys.vocabulary)
        space = try fields.maybe(CodingKeys.space)
        bias = try fields(CodingKeys.bias, else: true)
    }
}

extension PyTorchDescription.Names {
    /// Reads the fields, each of which may be left out; `encoder` is a name or several.
    public init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder, known: CodingKeys.allCases.map(\.rawValue))
        self.init()
        if let name = try? fields(CodingKeys.encoder, as: String.self) {
            encoder = [name]
        } else {
            encoder = try fields.maybe(CodingKeys.encoder)
        }
        convolution = try fields.maybe(CodingKeys.convolution)
        head = try fields.maybe(CodingKeys.head)
        characterHead = try fields.maybe(CodingKeys.characterHead)
        scale = try fields.maybe(CodingKeys.scale)
        inputMean = try fields.maybe(CodingKeys.inputMean)
        inputDeviation = try fields.maybe(CodingKeys.inputDeviation)
        batchNorm = try fields(CodingKeys.batchNorm, else: [:])
        batchNormEpsilon = try fields(CodingKeys.batchNormEpsilon, else: 1e-5)
        ignored = try fields(CodingKeys.ignored, else: [])
    }
}
