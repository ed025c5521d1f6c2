import AcousticModel
import Corpora
import Foundation
import TestSupport
import Testing
import Training

/// CTC-CRF as a recipe names it.
@Suite struct CRFTrainingTests {
    private let folder: TemporaryFolder
    private let corpus: ToneCorpus

    init() throws {
        folder = try TemporaryFolder()
        corpus = try ToneCorpus(in: folder)
    }

    private func recipe(epochs: Int, order: Int = 3) -> TrainingRecipe {
        var recipe = corpus.recipe
        recipe.training.loss = .ctcCRF
        recipe.training.ngramOrder = order
        recipe.training.epochs = epochs
        return recipe
    }

    @discardableResult
    private func train(
        _ recipe: TrainingRecipe, _ place: String, resumes: Bool = false, prolongedTo epochs: Int? = nil,
        stopAfter steps: Int = .max, told: Told = Told()
    ) throws -> TrainingFolder {
        let run = TrainingFolder(path: folder.path("\(place)/run"))
        _ = try Trainer(
            recipe, folder: run, resumes: resumes, prolongedTo: epochs, threads: 2,
            isInterrupted: { told.steps >= steps }, report: told.tell
        ).run()
        return run
    }

    private func notes(_ told: Told) -> [String] {
        told.events.compactMap { if case .note(let text) = $0 { text } else { nil } }
    }

    @Test("a language of four tones is learned without a mistake, weighed by its own n-gram")
    func learns() throws {
        let told = Told()
        let run = try train(recipe(epochs: 30), "tones", told: told)
        #expect(told.epochs.map(\.wer).min() == 0)
        // The loss of a text against all others falls well below a tenth of a nat a label.
        #expect(told.epochs.compactMap(\.devLoss).min() ?? 1 < 0.1)
        #expect(notes(told).contains { $0.hasPrefix("3-gram of labels from 16 transcripts: ") })
        let model = try AcousticModel(path: run.best)
        #expect(model.head.ngram?.order == 3)
        let method = model.description.training?["method"]
        #expect(method?.hasPrefix("CTC-CRF with a 3-gram of labels") == true)
    }

    @Test("a run that is stopped and resumed ends with the same weights, bit for bit")
    func resumes() throws {
        let whole = try train(recipe(epochs: 3, order: 4), "whole")
        #expect(throws: TrainingInterrupted.self) { try train(recipe(epochs: 3, order: 4), "parts", stopAfter: 5) }
        let parts = try train(recipe(epochs: 3, order: 4), "parts", resumes: true)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: whole.last)) == Data(contentsOf: URL(fileURLWithPath: parts.last))
        )
    }

    @Test("a run that has ended is prolonged, and is then what it would have been from the beginning")
    func prolonged() throws {
        func steady(_ epochs: Int) -> TrainingRecipe {
            var recipe = recipe(epochs: epochs, order: 2)
            recipe.training.schedule = .constant
            return recipe
        }
        let whole = try train(steady(3), "whole")
        let run = try train(steady(2), "parts")
        #expect(throws: DataError.self) { try train(steady(2), "parts", resumes: true, prolongedTo: 2) }
        try train(RecipeFile.readNoted(run.recipe), "parts", resumes: true, prolongedTo: 3)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: whole.last)) == Data(contentsOf: URL(fileURLWithPath: run.last)))
        #expect(try RecipeFile.readNoted(run.recipe).training.epochs == 3)
    }

    @Test("the n-gram comes from a text; a resumed run goes on with it, though the text is another or gone")
    func text() throws {
        let text = try folder.lines(["abab", "", "  cd ", "what is no label", "dcba"], to: "text.txt")
        var recipe = recipe(epochs: 2, order: 2)
        recipe.training.ngramText = text
        let told = Told()
        #expect(throws: TrainingInterrupted.self) { try train(recipe, "text", stopAfter: 2, told: told) }
        #expect(notes(told).contains { $0.hasPrefix("2-gram of labels from 3 lines of \(text), 1 left out: ") })
        try FileManager.default.removeItem(atPath: text)
        let run = try train(recipe, "text", resumes: true)
        let ngram = try #require(try AcousticModel(path: run.best).head.ngram)
        // "abab" was counted: b follows a more often than c does.
        let (a, b, c) = (2, 3, 4)
        #expect(ngram.order == 2 && ngram.classes == 6)
        #expect(ngram.logProbability(of: b, after: a, in: 0) > ngram.logProbability(of: c, after: a, in: 0) + 0.5)
    }

    @Test("of phones, the text becomes labels through the lexicon, compressed and with capitals too")
    func phones() throws {
        let spoken = try PhoneCorpus(in: folder)
        let text = try folder.lines(["Ba, ba.", "ad cab", "ba 17 zzz9", "BA ad"], to: "words.text")
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        gzip.arguments = ["gzip", text]
        try gzip.run()
        gzip.waitUntilExit()
        var recipe = spoken.recipe
        recipe.training.loss = .ctcCRF
        recipe.training.ngramOrder = 2
        recipe.training.ngramText = text + ".gz"
        recipe.training.epochs = 2
        let told = Told()
        let run = try train(recipe, "phones", told: told)
        #expect(notes(told).contains { $0.contains("3 lines of \(text).gz, 1 left out: ") }, "\(notes(told))")
        let model = try AcousticModel(path: run.best)
        let (ngram, symbols) = (try #require(model.head.ngram), model.vocabulary.symbols)
        #expect(ngram.classes == symbols.count && model.head.characters != nil)
        let label = try ["B", "AA", "CH", " "].map { try #require(symbols.firstIndex(of: $0)) }
        // Behind a B always an AA, behind an AA often a boundary and never a CH.
        #expect(ngram.logProbability(of: label[1], after: label[0], in: 0) > -1)
        #expect(
            ngram.logProbability(of: label[3], after: label[1], in: 0)
                > ngram.logProbability(of: label[2], after: label[1], in: 0) + 0.5)
    }

    @Test("a run that begins with a model keeps its n-gram under ctc-crf, and says that plain CTC leaves it behind")
    func begins() throws {
        let first = try train(recipe(epochs: 1, order: 2), "first")
        var next = recipe(epochs: 1, order: 3)
        next.network.from = first.best
        let kept = try AcousticModel(path: train(next, "kept").best)
        #expect(try kept.head.ngram != nil && kept.head.ngram == AcousticModel(path: first.best).head.ngram)
        next.training.loss = .ctc
        let told = Told()
        let plain = try AcousticModel(path: train(next, "plain", told: told).best)
        #expect(plain.head.ngram == nil)
        #expect(told.warnings.contains { $0.contains("was learned against an n-gram of labels") })
    }

    @Test("a text without a line that can be spelled, or that is missing, is told in a line")
    func unusable() throws {
        var recipe = recipe(epochs: 1)
        recipe.training.ngramText = try folder.lines(["what is no label"], to: "other.txt")
        let error = #expect(throws: DataError.self) { try train(recipe, "a") }
        #expect(error?.description.contains("other.txt: has no line that the model's symbols can spell") == true)
        recipe.training.ngramText = folder.path("missing.txt")
        #expect(throws: (any Error).self) { try train(recipe, "b") }
    }

    @Test("the keys are read from YAML, the path from the recipe's folder")
    func keys() throws {
        let path = try folder.lines(
            ["training:", "  loss: ctc-crf", "  ctc_weight: 0.1", "  ngram_order: 4", "  ngram_text: text/a.txt.xz"],
            to: "recipe.yaml")
        let recipe = try RecipeFile.read(path)
        #expect(recipe.training.loss == .ctcCRF && recipe.training.ctcWeight == 0.1 && recipe.training.ngramOrder == 4)
        #expect(recipe.training.ngramText == folder.path("text/a.txt.xz"))
        var changed = TrainingRecipe()
        #expect(throws: DataError.self) { try RecipeFile.assign("training.ngram_order=5", to: &changed) }
        #expect(throws: DataError.self) { try RecipeFile.assign("training.loss=lf-mmi", to: &changed) }
    }
}
