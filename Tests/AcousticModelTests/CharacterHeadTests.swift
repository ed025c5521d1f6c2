import AcousticModel
import CTC
import Features
import Foundation
import TensorFiles
import TestSupport
import Testing

/// Models of phones, with characters beside them and without.
@Suite struct CharacterHeadTests {
    private let folder: TemporaryFolder
    private let features = FeatureMatrix(dimension: 10, values: (0..<10 * 600).map { sin(Float($0) * 0.37) * 3 })

    init() throws { folder = try TemporaryFolder() }

    /// Phones `AA`, `B`, and the characters a and b beside them.
    private func parts(hasCharacters: Bool = true) throws -> ModelParts {
        var parts = try ModelParts()
        var generator = SeededGenerator(seed: 8)
        func tensor(_ shape: Int...) throws -> Tensor {
            try Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in generator.uniform() })
        }
        parts.description["head"] = ["kind": "ctc-phones", "blank": 0, "vocabulary": ["<blank>", " ", "AA", "B"]]
        (parts.tensors["head.weight"], parts.tensors["head.bias"]) = (try tensor(4, 6), try tensor(4))
        guard hasCharacters else { return parts }
        parts.description["character_head"] = [
            "kind": "ctc-characters", "blank": 1, "vocabulary": [" ", "<blank>", "a", "b", "c"],
        ]
        parts.tensors["character_head.weight"] = try tensor(5, 6)
        parts.tensors["character_head.bias"] = try tensor(5)
        return parts
    }

    private func model(hasCharacters: Bool = true) throws -> AcousticModel {
        let path = folder.path("phones.safetensors")
        try parts(hasCharacters: hasCharacters).write(to: path)
        return try AcousticModel(path: path)
    }

    @Test("posteriors are both heads' columns side by side, each what a model of that head alone gives")
    func columns() throws {
        let both = try model()
        let phones = try model(hasCharacters: false)
        var alone = try parts()
        alone.description["head"] = alone.description["character_head"]
        alone.description["character_head"] = nil
        for name in ["weight", "bias"] {
            alone.tensors["head.\(name)"] = alone.tensors.removeValue(forKey: "character_head.\(name)")
        }
        let path = folder.path("characters.safetensors")
        try alone.write(to: path)
        let characters = try AcousticModel(path: path)

        let posteriors = both.logProbabilities(ofFrames: [features])[0]
        #expect(both.posteriorColumns == 9 && both.headColumns == 0..<4 && both.characterColumns == 4..<9)
        #expect(posteriors.classes == 9 && posteriors.steps == 300)
        #expect(posteriors.columns(both.headColumns) == phones.logProbabilities(ofFrames: [features])[0])
        #expect(posteriors.columns(4..<9) == characters.logProbabilities(ofFrames: [features])[0])
        #expect(both.textPosteriors(of: posteriors) == posteriors.columns(4..<9))
        #expect(both.parameterCount == phones.parameterCount + 35)
        #expect(both.encoderHash == phones.encoderHash)

        // The text is the characters' where there are some, else the phones'.
        #expect(both.bestText(of: posteriors) == characters.bestText(of: posteriors.columns(4..<9)))
        #expect(phones.posteriorColumns == 4 && phones.characterColumns == nil && phones.textColumns == 0..<4)
        let spoken = phones.bestText(of: posteriors.columns(0..<4))
        #expect(!spoken.isEmpty && spoken.split { $0 == " " || $0 == "-" }.allSatisfy { $0 == "AA" || $0 == "B" })
    }

    @Test("a file is written as it was read, float32 and float16; one of a single head says nothing of a second")
    func roundTrip() throws {
        let model = try model()
        let again = folder.path("again.safetensors")
        try model.write(to: again, precision: .float32)
        let read = try AcousticModel(path: again)
        #expect(read.description == model.description && read.vocabulary == model.vocabulary)
        #expect(read.characterVocabulary == model.characterVocabulary && read.vocabulary.unit == .phone)
        let expected = model.logProbabilities(ofFrames: [features])[0]
        #expect(read.logProbabilities(ofFrames: [features])[0] == expected)
        try model.write(to: again)
        let rounded = try AcousticModel(path: again).logProbabilities(ofFrames: [features])[0]
        #expect(largestDifference(rounded.values, expected.values) < 2e-2)

        try ModelParts().write(to: again)
        try AcousticModel(path: again).write(to: again)
        let bytes = try String(decoding: Data(contentsOf: URL(fileURLWithPath: again)), as: UTF8.self)
        #expect(!bytes.contains("character_head"))
    }

    @Test("a model that is put together from its parts describes both heads")
    func assembly() throws {
        let model = try model()
        let copy = AcousticModel(
            name: "tiny", frontEnd: model.frontEnd, encoder: model.encoder,
            head: .phones(
                OutputLayers(last: model.head.layers.last, vocabulary: model.vocabulary), beside: model.head.characters)
        )
        #expect(copy.description == model.description)
    }

    @Test("a second head that does not fit is refused, with the file and the reason")
    func refusals() throws {
        func message(_ change: (inout ModelParts) throws -> Void) throws -> String {
            var parts = try parts()
            try change(&parts)
            let path = folder.path("bad.safetensors")
            try parts.write(to: path)
            do {
                _ = try AcousticModel(path: path)
                return "loaded"
            } catch {
                #expect("\(error)".hasPrefix("\"\(path)\" ") && !"\(error)".contains("\n"), "\(error)")
                return "\(error)"
            }
        }
        #expect(try message { _ in } == "loaded")
        let cases: [(String, Any?, String)] = [
            ("head.kind", "ctc-characters", "beside a head of the kind \"ctc-characters\""),
            ("character_head.kind", "ctc-phones", "not a linear one of the kind ctc-characters"),
            ("character_head.hidden", 3, "not a linear one"), ("character_head.phrases", ["a"], "not a linear one"),
            ("character_head.blank", 5, "class 5 of 5 as its blank"),
            ("character_head.vocabulary", ["<blank>", "a"], "description asks for [2, 6]"),
            ("character_head.vocabulary", ["a", "b", "a", "c", "d"], "symbol twice"),
            ("character_head.vocabulary", nil, "no field 'character_head.vocabulary'"),
            ("character_head", nil, "holds a tensor \"character_head"),
            ("character_head", "yes", "'character_head' is of the wrong type"),
            ("head.vocabulary", ["<blank>", " ", "A A", "B"], "has the phone \"A A\""),
            ("head.vocabulary", ["<blank>", " ", "A-A", "B"], "has the phone \"A-A\""),
            ("head.vocabulary", ["<blank>", " ", "", "B"], "has the phone \"\""),
            ("head.vocabulary", ["<blank>", " ", "AA"], "description asks for [3, 6]"),
        ]
        for (path, value, fragment) in cases {
            let text = try message { $0.set(path, value) }
            #expect(text.contains(fragment), "\(path): \(text)")
        }
        #expect(
            try message { $0.tensors["character_head.bias"] = nil }
                .contains("lacks the tensor \"character_head.bias\""))
        #expect(
            try message {
                $0.tensors["character_head.weight"] = try Tensor(shape: [4, 6], values: .init(repeating: 0, count: 24))
            }
            .contains("in the shape [4, 6]"))
    }

    @Test("what is no speech becomes blank in both heads, each a softmax still")
    func detector() throws {
        var model = try model()
        model.speechDetector = SpeechDetector(
            weight: [Float](repeating: 0, count: model.encoder.outputs), bias: -1)
        let muted = model.logProbabilities(ofFrames: [features])[0]
        for step in 0..<muted.steps {
            #expect(muted[step, 0] > -1e-6 && muted[step, 5] > -1e-6)
            for head in [muted[step].prefix(4), muted[step].dropFirst(4)] {
                #expect(abs(head.reduce(0) { $0 + exp(Double($1)) } - 1) < 1e-5)
            }
        }
        #expect(model.bestText(of: muted) == "")
    }
}

@Suite struct PhoneTextTests {
    private let vocabulary = Vocabulary(symbols: ["<blank>", " ", "HH", "AY", "DH", "EH", "R"], unit: .phone)

    @Test("phones of a word are apart by hyphens, words by a space, and the text spells the same labels again")
    func text() {
        let labels = [1, 2, 0, 3, 1, 1, 4, 5, 6, 1]
        #expect(vocabulary.text(of: labels) == "HH-AY DH-EH-R")
        #expect(vocabulary.text(of: [1, 0]) == "")
        let speller = Speller(vocabulary)
        #expect(speller.labels(of: "HH-AY DH-EH-R") == [2, 3, 1, 4, 5, 6])
        #expect(speller.labels(of: "") == [])
        #expect(speller.labels(of: "HH-ZZ") == nil && speller.unknown(in: "HH-ZZ DH") == ["ZZ"])
        #expect(Speller(Vocabulary(symbols: ["<blank>", "AA"], unit: .phone)).labels(of: "AA AA") == nil)
    }

    @Test("columns of a matrix are taken row by row")
    func columns() {
        let all = LogProbabilities(classes: 3, values: [1, 2, 3, 4, 5, 6])
        #expect(all.columns(1..<3).values == [2, 3, 5, 6] && all.columns(1..<3).classes == 2)
        #expect(all.columns(0..<3) == all && all.columns(0..<1).values == [1, 4])
        #expect(LogProbabilities(classes: 3).columns(1..<2).steps == 0)
    }
}
