import Foundation
import TestSupport
import Training

/// A language that a small network learns in a second: each letter is a tone of its own, a tenth of a second long, with a
/// short silence after it.
struct ToneCorpus {
    static let pitches: [Character: Double] = ["a": 400, "b": 900, "c": 1800, "d": 3200]

    let train: String
    let dev: String

    /// Writes WAVs and manifests.
    init(in folder: TemporaryFolder, recordings: Int = 16, seed: UInt64 = 7) throws {
        var generator = SeededGenerator(seed: seed)
        let letters = Self.pitches.keys.sorted()
        func manifest(_ name: String, _ count: Int) throws -> String {
            let lines = try (0..<count).map { index in
                let text = String(
                    (0..<Int.random(in: 2...5, using: &generator)).map { _ in
                        letters[Int.random(in: 0..<letters.count, using: &generator)]
                    })
                try folder.write(Self.wav(text, from: &generator), to: "\(name)\(index).wav")
                return
                    #"{"audio_filepath": "\#(name)\#(index).wav", "text": "\#(text)", "speaker": "\#(name)\#(index % 3)"}"#
            }
            return try folder.lines(lines, to: "\(name).jsonl")
        }
        train = try manifest("train", recordings)
        dev = try manifest("dev", max(4, recordings / 4))
    }

    static func wav(_ text: String, from generator: inout SeededGenerator) -> [UInt8] {
        var samples: [Float] = []
        for letter in text {
            let pitch = pitches[letter] ?? 0
            for index in 0..<2400 {
                let tone = index < 1600 ? 0.3 * Float(sin(2 * .pi * pitch * Double(index) / 16_000)) : 0
                samples.append(tone + 0.003 * generator.uniform())
            }
        }
        return WAVBytes(data: pcm16(samples)).bytes
    }

    /// A recipe that learns it.
    var recipe: TrainingRecipe {
        var recipe = TrainingRecipe()
        recipe.data.train = [train]
        recipe.data.dev = [dev]
        recipe.network.cell = .lstm
        recipe.network.layers = 1
        recipe.network.hidden = 24
        recipe.network.dropout = 0
        recipe.training.epochs = 3
        recipe.training.batchSize = 4
        recipe.training.learningRate = 0.02
        recipe.training.warmUp = 0
        recipe.training.average = .none
        return recipe
    }
}

/// What a trainer told.
final class Told: @unchecked Sendable {  // behind `lock`
    private let lock = NSLock()
    private var all: [TrainingEvent] = []

    @Sendable func tell(_ event: TrainingEvent) { lock.withLock { all.append(event) } }

    var events: [TrainingEvent] { lock.withLock { all } }
    var warnings: [String] { events.compactMap { if case .warning(let text) = $0 { text } else { nil } } }
    var epochs: [EpochRecord] { events.compactMap { if case .epoch(let record) = $0 { record } else { nil } } }
    var skipped: [String] {
        events.flatMap { event -> [String] in
            if case .skipped(let lines) = event { lines.map(\.description) } else { [] }
        }
    }
    var steps: Int { events.count { if case .step = $0 { true } else { false } } }
}
