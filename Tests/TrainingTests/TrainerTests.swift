import AcousticModel
import Corpora
import Evaluation
import Foundation
import Networks
import TensorFiles
import TestSupport
import Testing
import Training

@Suite struct TrainerTests {
    private let folder: TemporaryFolder
    private let corpus: ToneCorpus

    init() throws {
        folder = try TemporaryFolder()
        corpus = try ToneCorpus(in: folder)
    }

    /// Trains in `PLACE/run`; the name of the last folder becomes the model's.
    @discardableResult
    private func train(
        _ recipe: TrainingRecipe, _ place: String, resumes: Bool = false, threads: Int = 2,
        exchange: any GradientExchange = SingleWorker(), stopAfter steps: Int = .max, told: Told = Told()
    ) throws -> TrainingFolder {
        let run = TrainingFolder(path: folder.path("\(place)/run"))
        _ = try Trainer(
            recipe, folder: run, resumes: resumes, threads: threads, exchange: exchange,
            isInterrupted: { told.steps >= steps }, report: told.tell
        ).run()
        return run
    }

    private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    /// With everything that draws random numbers or remembers.
    private var eventful: TrainingRecipe {
        var recipe = corpus.recipe
        recipe.network.layers = 2
        recipe.network.hidden = 8
        recipe.network.dropout = 0.2
        recipe.network.recurrentDropout = 0.2
        recipe.training.average = .moving
        recipe.training.schedule = .cosine
        recipe.training.warmUp = 1
        recipe.training.logEvery = 2
        recipe.augmentation.speeds = [0.9, 1, 1.1]
        recipe.augmentation.gain.probability = 0.5
        recipe.augmentation.spectrogram.frequencyMasks = 1
        recipe.augmentation.spectrogram.frequencyWidth = 4
        return recipe
    }

    @Test("a language of four tones is learned without a mistake, and the model file says what it is")
    func learns() throws {
        let told = Told()
        var recipe = corpus.recipe
        recipe.training.epochs = 40
        recipe.training.stopAfter = 8
        let run = try train(recipe, "tones", told: told)
        let model = try AcousticModel(path: run.best)
        #expect(told.epochs.last.map { $0.wer } == 0)
        #expect(told.warnings.isEmpty)
        #expect(model.vocabulary.symbols == ["<blank>", " ", "a", "b", "c", "d"])
        #expect(model.description.name == "run")
        let best = try #require(told.epochs.last { $0.isBest })
        #expect(
            model.description.training?["figures"]
                == String(format: "dev WER %.2f %%, CER %.2f %%, greedy", 100 * best.wer, 100 * best.cer))
        let rows = try Manifest(path: corpus.dev).rows
        let heard = Hypotheses(transcribing: rows, model: model, threads: 2)
        #expect(heard.pairs.allSatisfy { $0.row.entry.text == $0.hypothesis })
    }

    @Test("a run that is stopped at any step and resumed ends with the weights and the log of one that was not")
    func resumes() throws {
        let whole = try train(eventful, "whole")
        for steps in [1, 4, 6] {
            let place = "stopped\(steps)"
            #expect(throws: TrainingInterrupted.self) { try train(eventful, place, stopAfter: steps) }
            let told = Told()
            let resumed = try train(
                RecipeFile.read(folder.path("\(place)/run/recipe.yaml")), place, resumes: true, threads: 1, told: told)
            #expect(try bytes(resumed.last) == bytes(whole.last))
            #expect(try bytes(resumed.best) == bytes(whole.best))
            #expect(told.steps == 12 - steps)
            #expect(try lines(resumed.log) == lines(whole.log))
        }
    }

    @Test("a run from a model begins with its weights, symbols, front end and sizes, and resumes without it")
    func startsFromModel() throws {
        let first = try train(eventful, "first")
        let model = try AcousticModel(path: first.best)
        let copy = folder.path("start.safetensors")
        try FileManager.default.copyItem(atPath: first.best, toPath: copy)
        var recipe = corpus.recipe
        recipe.network.from = copy
        recipe.features.melBands = 23
        recipe.features.coefficients = 13
        // Nothing moves: what is written is what was begun with.
        recipe.training.learningRate = 0
        recipe.training.epochs = 1
        let still = try AcousticModel(path: train(recipe, "still").last)
        #expect(still.encoder.parameters == model.encoder.parameters)
        #expect(
            still.head.layers.last.parameters == model.head.layers.last.parameters
                && still.vocabulary == model.vocabulary)
        #expect(still.frontEnd.scale == model.frontEnd.scale && still.frontEnd.options == model.frontEnd.options)
        recipe.training.learningRate = 0.01
        recipe.training.epochs = 3
        let whole = try train(recipe, "whole")
        #expect(throws: TrainingInterrupted.self) { try train(recipe, "stopped", stopAfter: 5) }
        try FileManager.default.removeItem(atPath: copy)
        let resumed = try train(
            RecipeFile.read(folder.path("stopped/run/recipe.yaml")), "stopped", resumes: true)
        #expect(try bytes(resumed.last) == bytes(whole.last))
    }

    @Test("a convolution over overlapping frames learns too, goes on after a stop, and is begun with")
    func convolution() throws {
        var recipe = eventful
        recipe.network.convolution = 12
        (recipe.features.stack, recipe.features.stride) = (5, 3)
        let told = Told()
        let whole = try train(recipe, "whole", told: told)
        let losses = told.epochs.compactMap(\.devLoss)
        #expect(losses.count > 1 && (losses.last ?? .infinity) < 0.9 * (losses.first ?? 0), "\(losses)")
        #expect(throws: TrainingInterrupted.self) { try train(recipe, "stopped", stopAfter: 5) }
        let resumed = try train(recipe, "stopped", resumes: true)
        #expect(try bytes(resumed.last) == bytes(whole.last))
        let model = try AcousticModel(path: whole.last)
        #expect(model.encoder.convolution?.outputs == 12 && model.description.encoder.convolution == 12)
        #expect(try lines(whole.log).contains { $0.contains("\"convolution\":") })
        recipe = corpus.recipe
        recipe.network.from = whole.last
        recipe.training.learningRate = 0
        recipe.training.epochs = 1
        let still = try AcousticModel(path: train(recipe, "still").last)
        #expect(still.encoder.parameters == model.encoder.parameters)
    }

    @Test("products in bfloat16 teach nearly the same, and a run goes on with another precision than it began with")
    func precision() throws {
        var recipe = eventful
        recipe.network.hidden = 32
        let single = try train(recipe, "single")
        #expect(throws: TrainingInterrupted.self) { try train(recipe, "stopped", stopAfter: 5) }
        recipe.training.precision = .bfloat16
        let rounded = try train(recipe, "rounded")
        // Where the processor has no such products, they are those in float32.
        #expect(try (bytes(rounded.last) != bytes(single.last)) == ProductPrecision.hasBFloat16)
        func weights(_ run: TrainingFolder) throws -> [Float] {
            try AcousticModel(path: run.last).encoder.parameters.flatMap(\.self)
        }
        #expect(relativeDifference(try weights(rounded), try weights(single)) < 0.05)
        let resumed = try train(recipe, "stopped", resumes: true)
        #expect(relativeDifference(try weights(resumed), try weights(single)) < 0.05)
    }

    @Test(
        "a model that begins to spell is better than one that writes nothing, though its word error rate is above 100 %"
    )
    func scores() {
        #expect(DevScore(wer: 1.016, cer: 0.638) < DevScore(wer: 0.998, cer: 0.960))
        #expect(DevScore(wer: 0.20, cer: 0.10) < DevScore(wer: 0.22, cer: 0.09))
        #expect(DevScore(wer: 0.20, cer: 0.10) < DevScore(wer: 0.20, cer: 0.11))
    }

    @Test("a row that is there twice is met twice, and that is told")
    func repeatedRows() throws {
        let once = try String(contentsOfFile: corpus.train, encoding: .utf8)
        var recipe = corpus.recipe
        recipe.data.train = [try folder.write((once + once).utf8, to: "twice.jsonl")]
        recipe.training.epochs = 1
        let told = Told()
        try train(recipe, "twice", told: told)
        #expect(told.steps == 8)
        #expect(
            told.events.contains {
                if case .note(let text) = $0 { text.hasPrefix("16 rows name a recording again") } else { false }
            })
    }

    /// The log without what a clock says.
    private func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
            String(line).replacing(/"(seconds|seconds_left|times_real_time)":[^,}]+/, with: "")
        }
    }

    @Test("averages over epochs and a plateau go on across a stop too", arguments: ["epochs", "none"])
    func resumesOthers(average: String) throws {
        var recipe = eventful
        recipe.training.average = average == "epochs" ? .epochs : .none
        recipe.training.rule = average == "epochs" ? .sgd : .adam
        recipe.training.schedule = .plateau
        recipe.training.patience = 0
        let whole = try train(recipe, "whole")
        #expect(throws: TrainingInterrupted.self) { try train(recipe, "stopped", stopAfter: 9) }
        let resumed = try train(recipe, "stopped", resumes: true)
        #expect(try bytes(resumed.last) == bytes(whole.last))
    }

    @Test("the number of threads changes nothing; that of shards changes rounding alone")
    func threads() throws {
        var recipe = eventful
        recipe.training.shards = 2
        let one = try train(recipe, "one", threads: 1)
        let three = try train(recipe, "three", threads: 3)
        #expect(try bytes(one.last) == bytes(three.last))
        recipe.training.shards = 1
        let single = try AcousticModel(path: train(recipe, "single").last)
        let sharded = try AcousticModel(path: one.last)
        #expect(largestDifference(single.head.layers.last.weight.values, sharded.head.layers.last.weight.values) < 2e-3)
    }

    @Test("two workers that exchange gradients end with the same weights, and with those of one but for rounding")
    func workers() throws {
        let exchange = [0, 1].map { MemoryExchange(worker: $0, workers: 2) }
        MemoryExchange.connect(exchange)
        let recipe = eventful
        nonisolated(unsafe) var second: Result<TrainingFolder, any Error>?
        let thread = Thread { second = Result { try train(recipe, "b", threads: 1, exchange: exchange[1]) } }
        thread.start()
        let first = try train(recipe, "a", threads: 1, exchange: exchange[0])
        while !thread.isFinished { usleep(1000) }
        _ = try second?.get()
        // The leader alone writes.
        #expect(!FileManager.default.fileExists(atPath: folder.path("b/run/last.safetensors")))
        let together = try AcousticModel(path: first.last)
        let alone = try AcousticModel(path: train(recipe, "alone", threads: 1).last)
        #expect(largestDifference(together.head.layers.last.weight.values, alone.head.layers.last.weight.values) < 2e-3)
    }

    @Test(
        "a cache of features, or of samples, changes nothing, also where its files are damaged",
        arguments: [("logmel", 0), ("samples", 0.5)])
    func cache(ending: String, gain: Double) throws {
        var recipe = eventful
        recipe.augmentation.gain.probability = gain
        let without = try train(recipe, "without")
        recipe.data.cache = folder.path("cache")
        let first = try train(recipe, "first")
        let files = try FileManager.default.subpathsOfDirectory(atPath: recipe.data.cache)
            .filter { $0.hasSuffix(".\(ending)") }.sorted()
        #expect(files.count > (gain == 0 ? 20 : 10))
        for (index, file) in files.enumerated() {
            var data = try bytes("\(recipe.data.cache)/\(file)")
            switch index % 3 {
            case 0: data = data.prefix(data.count / 2)
            case 1: data[data.count - 1] ^= 1
            default: continue
            }
            try data.write(to: URL(fileURLWithPath: "\(recipe.data.cache)/\(file)"))
        }
        let second = try train(recipe, "second")
        #expect(try bytes(first.last) == bytes(without.last))
        #expect(try bytes(second.last) == bytes(without.last))
        // Those that are whole are read: all in the place of one another, another network comes of it.
        let places = files.map { "\(recipe.data.cache)/\($0)" }
        let one = try bytes(places[0])
        for place in places { try one.write(to: URL(fileURLWithPath: place)) }
        #expect(try bytes(train(recipe, "swapped").last) != bytes(without.last))
    }

    @Test("a folder that holds a run, a checkpoint of other data and a damaged one are refused, and nothing is lost")
    func refused() throws {
        let run = try train(corpus.recipe, "used")
        let before = try bytes(run.last)
        func problem(_ recipe: TrainingRecipe, resumes: Bool) -> String? {
            message { try train(recipe, "used", resumes: resumes) }
        }
        #expect(
            problem(corpus.recipe, resumes: false)?.contains("holds a training run; go on with it by --resume") == true)
        var other = corpus.recipe
        other.training.learningRate = 0.5
        #expect(problem(other, resumes: true)?.contains("belongs to other recordings or another recipe") == true)
        other = corpus.recipe
        other.network.hidden = 9
        #expect(problem(other, resumes: true)?.contains("belongs to other recordings or another recipe") == true)
        #expect(try bytes(run.last) == before)
        try Data(bytes(run.checkpoint).prefix(1000)).write(to: URL(fileURLWithPath: run.checkpoint))
        #expect(problem(corpus.recipe, resumes: true)?.contains("checkpoint.safetensors") == true)
        #expect(
            message { try train(corpus.recipe, "nothing", resumes: true) }?.contains("holds no training run") == true)
    }
}

/// Workers in one process that add what each has.
private final class MemoryExchange: GradientExchange, @unchecked Sendable {  // its state is behind `condition`
    let worker: Int
    let workers: Int
    private var shared: Shared?

    private final class Shared {
        let condition = NSCondition()
        var given: [[[Double]]?]
        var taken = 0
        init(_ workers: Int) { given = Array(repeating: nil, count: workers) }
    }

    init(worker: Int, workers: Int) { (self.worker, self.workers) = (worker, workers) }

    static func connect(_ all: [MemoryExchange]) {
        let shared = Shared(all.count)
        for exchange in all { exchange.shared = shared }
    }

    func sum(_ tensors: inout [[Float]]) {
        let sums = exchange(tensors.map { $0.map(Double.init) })
        tensors = sums.map { $0.map { Float($0) } }
    }

    func sum(_ numbers: inout [Double]) { numbers = exchange([numbers])[0] }

    private func exchange(_ mine: [[Double]]) -> [[Double]] {
        guard let shared else { return mine }
        let condition = shared.condition
        condition.lock()
        defer { condition.unlock() }
        while shared.given[worker] != nil { condition.wait() }
        shared.given[worker] = mine
        condition.broadcast()
        while shared.given.contains(where: { $0 == nil }) { condition.wait() }
        let all = shared.given.compactMap(\.self)
        shared.taken += 1
        if shared.taken == workers {
            shared.given = Array(repeating: nil, count: workers)
            shared.taken = 0
            condition.broadcast()
        } else {
            while shared.taken != 0 { condition.wait() }
        }
        return all.dropFirst().reduce(all[0]) { sum, part in
            zip(sum, part).map { zip($0, $1).map { $0 + $1 } }
        }
    }
}
