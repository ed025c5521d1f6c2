import AcousticModel
import CTC
import Foundation
import Networks
import TestSupport
import Testing
import Training

@Suite struct AdaptationTests {
    private static let base = Vocabulary(symbols: ["<blank>", " ", "a", "b", "x"])

    private func vocabulary(_ texts: [String], dev: [String] = [], kind: HeadKind? = nil) throws -> AdaptationVocabulary
    {
        try AdaptationVocabulary(texts: texts, dev: dev, base: Self.base, kind: kind, path: "t.jsonl")
    }

    @Test("texts that come again are labels, sequences of few words are words, free text is characters")
    func kinds() throws {
        #expect(try vocabulary(["stop", "go", "stop", "go"]).kind == .classifier)
        #expect(try vocabulary(["stop", "go"]).kind == .classifier)
        // Every sequence of four of three words, once.
        let words = ["one", "two", "six"]
        let sequences = (0..<81).map { number in [1, 3, 9, 27].map { words[number / $0 % 3] }.joined(separator: " ") }
        #expect(try vocabulary(sequences).kind == .words)
        #expect(
            try vocabulary(["the cat sat on a mat", "dogs bark at night now", "all is well that ends"]).kind
                == .characters)
    }

    @Test("kept, new and dropped symbols of a head of characters")
    func symbols() throws {
        let found = try vocabulary(["ab ä", "ba"], kind: .characters)
        #expect(found.kept == [" ", "a", "b"] && found.new == ["ä"] && found.dropped == ["x"])
        #expect(found.vocabulary.symbols == ["<blank>", " ", "a", "b", "ä"])
    }

    @Test("labels that differ by case or spaces alone are refused by name; no text at all too")
    func twins() {
        for (a, b) in [("Alexa", "alexa"), ("view glass", "viewglass")] {
            #expect(throws: DataError.self) { try vocabulary([a, b, a, b]) }
            do { _ = try vocabulary([a, b, a, b]) } catch {
                #expect(
                    "\(error)".contains("'\(min(a, b))' and '\(max(a, b))' differ only by case, spaces or punctuation"))
            }
        }
        #expect(throws: DataError.self) { try vocabulary(["", ""]) }
    }

    @Test("a label with one recording is told by name")
    func lone() throws {
        #expect(try vocabulary(["go", "go", "stop"]).warnings.first?.contains("'stop'") == true)
        #expect(try vocabulary(["go", "go", "stop", "stop"]).warnings.isEmpty)
    }

    @Test("words are spelt as labels, the longest phrase first")
    func speller() {
        let speller = Speller(Vocabulary(symbols: ["<blank>", "view", "view glass", "go"], isOfWords: true))
        #expect(speller.labels(of: "go view glass view") == [3, 2, 1])
        #expect(speller.labels(of: "go home") == nil && speller.unknown(in: "go home") == ["home"])
    }

    @Test("stages: few recordings leave the encoder alone, frozen layers stay frozen")
    func stages() {
        var options = AdaptationOptions()
        #expect(options.stages(recordings: 5, hasDev: true, layers: 4) == [.head])
        #expect(options.stages(recordings: 100, hasDev: false, layers: 4) == [.head])
        #expect(options.stages(recordings: 100, hasDev: true, layers: 4) == [.head, .top(2), .top(4)])
        options.frozenLayers = 3
        #expect(options.stages(recordings: 5000, hasDev: false, layers: 4) == [.head, .top(1)])
        options.frozenLayers = 4
        #expect(options.stages(recordings: 5000, hasDev: true, layers: 4) == [.head])
    }

    @Test("the threshold parts right labels from other speech, and is low where there is none")
    func threshold() {
        let parted = Rejection(right: [0.9, 0.95, 0.99], false: [0, 0.3, 0.6])
        #expect(parted.threshold > 0.6 && parted.threshold < 0.9)
        #expect(parted.missed == 0 && parted.falselyAccepted == 0)
        let mixed = Rejection(right: [0.5, 0.9], false: [0.7])
        #expect(mixed.missed == 0.5 && mixed.falselyAccepted == 0)
        #expect(Rejection(right: [0.8, 0.9], false: []).threshold == 0.4)
    }

    private func matrix(_ rows: Int, _ columns: Int, _ generator: inout SeededGenerator) -> Matrix {
        Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in generator.uniform() })
    }

    @Test(
        "the gradient of a head and of its input is that of finite differences, of every kind",
        arguments: [
            (HeadKind.classifier, nil as Int?), (.classifier, 5), (.words, 5), (.characters, nil), (.phrases, nil),
        ])
    func gradient(kind: HeadKind, hidden: Int?) throws {
        var generator = SeededGenerator(seed: 5)
        let outputs = kind.outputs(classes: 3)
        let characters = Vocabulary(symbols: ["<blank>", "a", "b"])
        let head = TrainableHead(
            kind: kind,
            hidden: hidden.map { Linear(weight: matrix($0, 4, &generator), bias: [Float](repeating: 0.1, count: $0)) },
            last: Linear(weight: matrix(outputs, hidden ?? 4, &generator), bias: [Float](repeating: 0, count: outputs)),
            phrases: kind == .phrases
                ? PhraseScores(phrases: ["ab", "ba", "b"], bias: [0.5, 0, 0.25, 1], vocabulary: characters) : nil)
        // An empty text is none of a recording's labels, but a CTC path of its own.
        let x = SequenceBatch([matrix(6, 4, &generator), matrix(4, 4, &generator), matrix(3, 4, &generator)])
        let labels = [[1], [2], []]
        let ctc = TrainingLoss(blank: 0)
        func loss(_ head: TrainableHead, _ x: SequenceBatch) throws -> Double {
            var gradient = head.zeroGradient()
            return try head.learn(x, labels: labels, weight: 1, loss: ctc, gradient: &gradient, threads: 1).loss
        }
        var gradient = head.zeroGradient()
        let learned = try head.learn(x, labels: labels, weight: 1, loss: ctc, gradient: &gradient, threads: 1)
        let step: Float = 1e-2
        for (tensor, values) in head.parameters.enumerated() {
            for index in values.indices {
                let losses = try [step, -step].map { change in
                    var moved = head
                    moved.parameters[tensor][index] += change
                    return try loss(moved, x)
                }
                let slope = (losses[0] - losses[1]) / Double(2 * step)
                #expect(
                    abs(slope - Double(gradient.tensors[tensor][index])) < 5e-3, "tensor \(tensor), element \(index)")
            }
        }
        for index in x.values.values.indices {
            let losses = try [step, -step].map { change in
                var values = x.values.values
                values[index] += change
                return try loss(
                    head, x.mapValues { Matrix(rows: $0.rows, columns: $0.columns, values: values) })
            }
            let slope = (losses[0] - losses[1]) / Double(2 * step)
            #expect(abs(slope - Double(learned.dInput.values[index])) < 5e-3, "input \(index)")
        }
    }

    @Test("the pull towards the source is the gradient of half its strength times the squared distance")
    func pull() {
        let pull = SourcePull(strength: 0.5, source: [[1, 2, 3]])
        let weights: [[Float]] = [[1, 2.25, 3], [7]]
        var gradients: [[Float]] = [[0, 1, 0], [0]]
        pull.add(at: weights, to: &gradients)
        func penalty(_ w: Float) -> Float { 0.25 * (w - 2) * (w - 2) }
        let slope = (penalty(2.26) - penalty(2.24)) / 0.02
        #expect(abs(gradients[0][1] - 1 - slope) < 1e-4)
        #expect(gradients[0][0] == 0 && gradients[0][2] == 0 && gradients[1] == [0])
    }
}
