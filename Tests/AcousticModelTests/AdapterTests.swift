import AcousticModel
import CTC
import Features
import Foundation
import Networks
import TestSupport
import Testing

@Suite struct AdapterTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static func matrix(_ rows: Int, _ columns: Int, _ generator: inout SeededGenerator) -> Matrix {
        Matrix(
            rows: rows, columns: columns,
            values: (0..<rows * columns).map { _ in Float(Float16(generator.uniform())) })
    }

    /// Two GRU layers of 3 units over 8 MFCC of 8 bands.
    private static func base(seed: UInt64, range: Double? = nil, filters: Int? = nil) -> AcousticModel {
        var generator = SeededGenerator(seed: seed)
        var options = FeatureOptions()
        (options.kind, options.melBands, options.coefficients) = (.mfcc, 8, 8)
        let convolution = filters.map {
            StepConvolution(
                linear: Linear(weight: matrix($0, 8, &generator), bias: matrix(1, $0, &generator).values), frames: 1)
        }
        let layers = [filters ?? 8, 6].map { inputs in
            RecurrentLayer(
                cell: .gru,
                directions: (0..<2).map { _ in
                    RecurrentWeights(
                        input: matrix(9, inputs, &generator), recurrent: matrix(9, 3, &generator),
                        inputBias: matrix(1, 9, &generator).values, recurrentBias: matrix(1, 9, &generator).values)
                })
        }
        return AcousticModel(
            name: "base", frontEnd: FrontEnd(options: options, normalisation: .mean, stack: 1, stride: 1, range: range),
            encoder: RecurrentNetwork(convolution: convolution, layers: layers),
            head: .characters(
                OutputLayers(
                    last: Linear(weight: matrix(3, 6, &generator), bias: [0.5, 0, -0.25]),
                    vocabulary: Vocabulary(symbols: ["<blank>", " ", "a"]))))
    }

    /// The base with another head, and another upper layer where that is asked for.
    private static func adapted(_ base: AcousticModel, kind: HeadKind, hidden: Int? = nil, changesTop: Bool = false)
        -> AcousticModel
    {
        var generator = SeededGenerator(seed: 11)
        var encoder = base.encoder
        if changesTop {
            var parameters = encoder.parameters
            parameters[8][0] += 0.5
            encoder.parameters = parameters
        }
        let inputs = hidden ?? 6
        let vocabulary =
            kind == .phrases
            ? Vocabulary(symbols: ["<blank>", "g", "o"])
            : Vocabulary(symbols: ["<other>", "go", "view glass"], isOfWords: true)
        let last = Linear(
            weight: matrix(kind.outputs(classes: 3), inputs, &generator),
            bias: [Float](repeating: 0, count: kind.outputs(classes: 3)))
        let layers = OutputLayers(
            hidden: hidden.map {
                Linear(weight: matrix($0, 6, &generator), bias: [Float](repeating: 0.25, count: $0))
            }, last: last, vocabulary: vocabulary)
        let head: Head =
            if kind == .phrases,
                let phrases = PhraseScores(phrases: ["go", "Oo"], bias: [0.1, 0.7, -3], vocabulary: vocabulary)
            {
                .phrases(layers, phrases, threshold: 0.25)
            } else {
                kind == .classifier ? .classifier(layers, threshold: 0.25) : .words(layers)
            }
        return AcousticModel(name: "words", frontEnd: base.frontEnd, encoder: encoder, head: head)
    }

    private let steps: [Matrix] = {
        var generator = SeededGenerator(seed: 2)
        return [AdapterTests.matrix(7, 8, &generator), AdapterTests.matrix(4, 8, &generator)]
    }()

    @Test(
        "an adapter holds the head and the changed layers alone, and gives what the whole model gives",
        arguments: [
            (HeadKind.words, nil as Int?, false), (.classifier, nil, true), (.classifier, 5, false), (.words, 4, true),
            (.phrases, nil, true),
        ])
    func roundTrip(kind: HeadKind, hidden: Int?, changesTop: Bool) throws {
        let base = Self.base(seed: 1)
        let whole = Self.adapted(base, kind: kind, hidden: hidden, changesTop: changesTop)
        let adapter = try #require(Adapter(whole, of: base))
        #expect(adapter.sharedLayers == (changesTop ? 1 : 2))
        try adapter.write(to: folder.path("a.safetensors"), base: base)
        let read = try Adapter(path: folder.path("a.safetensors"), base: base, named: "base")
        #expect(read.sharedLayers == adapter.sharedLayers)
        #expect(read.model.description == whole.description)
        #expect(read.model.head.phrases == whole.head.phrases)
        try whole.write(to: folder.path("w.safetensors"))
        let expected = whole.logProbabilities(ofSteps: steps)
        #expect(try AcousticModel(path: folder.path("w.safetensors")).logProbabilities(ofSteps: steps) == expected)
        #expect(read.model.logProbabilities(ofSteps: steps) == expected)
        // Together in one pass, as one by one.
        let group = ModelGroup(base: base, adapters: [read, try #require(Adapter(base, of: base))])
        #expect(
            group.logProbabilities(ofSteps: steps, threads: 2) == [expected, base.logProbabilities(ofSteps: steps)])
    }

    @Test("a convolution is the base's own where its lowest layer is; else the adapter holds it")
    func convolution() throws {
        let base = Self.base(seed: 1, filters: 5)
        for (changed, shared) in [(nil, 2), (10, 1), (3, 0), (0, 0)] as [(Int?, Int)] {
            var encoder = base.encoder
            var parameters = encoder.parameters
            if let changed { parameters[changed][0] += 0.5 }
            encoder.parameters = parameters
            let whole = AcousticModel(
                name: "other", frontEnd: base.frontEnd, encoder: encoder, head: base.head)
            let adapter = try #require(Adapter(whole, of: base))
            #expect(adapter.sharedLayers == shared, "tensor \(changed ?? -1)")
            let path = folder.path("c.safetensors")
            try adapter.write(to: path, base: base, precision: .float32)
            let read = try Adapter(path: path, base: base, named: "base")
            #expect(read.sharedLayers == shared)
            let expected = whole.logProbabilities(ofSteps: steps)
            #expect(read.model.logProbabilities(ofSteps: steps) == expected)
            let group = ModelGroup(base: base, adapters: [read, try #require(Adapter(base, of: base))])
            #expect(group.logProbabilities(ofSteps: steps) == [expected, base.logProbabilities(ofSteps: steps)])
        }
        let plain = Self.base(seed: 1)
        #expect(plain.encoderHash != base.encoderHash)
        let none = try #require(Adapter(plain, of: base))
        #expect(none.sharedLayers == 0)
    }

    @Test(
        "an adapter that describes other layers or another convolution than its base has is refused",
        arguments: [
            ("\"convolution\":5", "\"convolution\":6", "another convolution than its base"),
            (",\"convolution\":5", "", "no convolution, and its base has one"),
            ("\"hidden\":3", "\"hidden\":4", "other layers than its base"),
            ("\"cell\":\"gru\"", "\"cell\":\"tanh\"", "other layers than its base"),
            ("\"num_ceps\":8", "\"num_ceps\":4", "a front end that makes 4"),
            ("\"low_freq\":20", "\"low_freq\":30", "another front end than its base"),
            ("\"stack\":1", "\"stack\":2", "a front end that makes 16"),
        ])
    func otherEncoder(change: (String, String, String)) throws {
        let base = Self.base(seed: 1, filters: 5)
        let path = folder.path("a.safetensors")
        try #require(Adapter(Self.adapted(base, kind: .words), of: base)).write(to: path, base: base)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // In the header the description is a string in a string.
        func quoted(_ text: String) -> Data { Data(text.replacingOccurrences(of: "\"", with: "\\\"").utf8) }
        let place = try #require(bytes.range(of: quoted(change.0)))
        var header = bytes.subdata(in: 8..<bytes.count)
        header.replaceSubrange(place.lowerBound - 8..<place.upperBound - 8, with: quoted(change.1))
        let length = bytes.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        let size = length + quoted(change.1).count - quoted(change.0).count
        try folder.write(Data((0..<8).map { UInt8(size >> (8 * $0) & 0xff) }) + header, to: "changed.safetensors")
        do {
            _ = try Adapter(path: folder.path("changed.safetensors"), base: base, named: "base")
            Issue.record("loaded")
        } catch { #expect("\(error)".contains(change.2), "\(error)") }
    }

    @Test("an adapter on another base, a whole model as an adapter and an adapter as a model are refused in one line")
    func wrongFiles() throws {
        let base = Self.base(seed: 1)
        let (a, w) = (folder.path("a.safetensors"), folder.path("w.safetensors"))
        let whole = Self.adapted(base, kind: .classifier)
        try #require(Adapter(whole, of: base)).write(to: a, base: base)
        try whole.write(to: w)
        func message(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return ""
        }
        let other = message { _ = try Adapter(path: a, base: Self.base(seed: 9), named: "other.safetensors") }
        #expect(other.contains("was made on another base than \"other.safetensors\"") && other.contains("--model"))
        #expect(
            message { _ = try Adapter(path: w, base: base, named: "b") }.contains("is no adapter: it is a whole model"))
        #expect(message { _ = try AcousticModel(path: a) }.contains("is an adapter, no whole model"))
    }

    @Test("the hash depends on every weight of the encoder, and not on the head")
    func hash() {
        let base = Self.base(seed: 1)
        #expect(base.encoderHash == Self.adapted(base, kind: .words).encoderHash)
        #expect(base.encoderHash != Self.adapted(base, kind: .words, changesTop: true).encoderHash)
        #expect(base.encoderHash.count == 32)
    }

    @Test("the hash is that of the description in a model file, and that of adapters of version 0.1 is still known")
    func pinnedHash() throws {
        let drawn = Self.base(seed: 1)
        var encoder = drawn.encoder
        encoder.parameters = encoder.parameters.map { $0.map { _ in 0.5 } }
        let base = AcousticModel(
            name: "base", frontEnd: drawn.frontEnd, encoder: encoder, head: drawn.head)
        #expect(base.encoderHash == "4d257ffff2faf73006dda73fe24dff34")
        #expect(base.formerEncoderHash == "964ac0869c299d676a270a16211b1f06")

        let path = folder.path("former.safetensors")
        let adapted = Self.adapted(base, kind: .words)
        try #require(Adapter(adapted, of: base)).write(to: path, base: base)
        // The sums are of one length, so that one can be put in the place of the other.
        var file = try Data(contentsOf: URL(fileURLWithPath: path))
        let former = Data(base.formerEncoderHash.utf8)
        let place = try #require(file.range(of: Data(base.encoderHash.utf8)))
        file.replaceSubrange(place, with: former)
        try file.write(to: URL(fileURLWithPath: path))
        #expect(try Adapter(path: path, base: base, named: "base").model.encoderHash == base.encoderHash)
    }

    @Test("a label below the threshold, or less probable than the class for everything else, is rejected")
    func rejection() {
        let model = Self.adapted(Self.base(seed: 1), kind: .classifier)
        func text(_ scores: [Float]) -> String? {
            model.classify(LogProbabilities(classes: 4, values: scores + [0])).text
        }
        #expect(text([0, 0, 5]) == "view glass" && text([0, 5, 0]) == "go")
        #expect(text([6, 5, 0]) == nil)
        // Three alike: each a third, above the threshold of a quarter; four would be below it.
        #expect(text([-1, 0, 0.1]) != nil)
        #expect(model.classify(LogProbabilities(classes: 4)).text == nil)
    }
}
