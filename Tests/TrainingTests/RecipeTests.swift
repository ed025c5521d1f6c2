import AcousticModel
import TestSupport
import Testing
import Training

@Suite struct RecipeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ text: String) throws -> TrainingRecipe {
        try RecipeFile.read(folder.write(text.utf8, to: "recipe.yaml"))
    }

    private func problem(_ text: String) -> String? {
        message { _ = try read(text) }.map { $0.replacingOccurrences(of: folder.url.path + "/", with: "") }
    }

    @Test("what is printed is read back as it was, every key of it")
    func roundTrip() throws {
        #expect(try read(RecipeFile.yaml(TrainingRecipe())) == TrainingRecipe())
        var changed = TrainingRecipe()
        changed.data.train = ["/data/a b.jsonl", "/data/\"q\" \\ ü.jsonl"]
        changed.data.weights = [2, 0.25]
        changed.data.dev = ["/data/dev: #1.jsonl"]
        changed.data.lexicon = "/data/words.txt"
        changed.network.heads = .both
        changed.training.characterWeight = 0.5
        changed.training.realign = 4
        changed.data.characters = "abc'ß"
        changed.data.keepsEmptyTexts = true
        changed.data.cache = "/tmp/cache"
        changed.features.kind = .fbank
        changed.features.highFrequency = -123.5
        changed.network.cell = .gru
        changed.network.isBidirectional = false
        changed.training.rule = .sgd
        changed.training.learningRate = 3.5e-7
        changed.training.schedule = .plateau
        changed.training.average = .epochs
        changed.training.seed = 12_345_678_901
        changed.augmentation.speeds = [0.9, 1, 1.1]
        changed.augmentation.noise.folder = "/data/noise"
        changed.augmentation.noise.probability = 0.25
        changed.augmentation.noise.snr = -5...12.5
        changed.augmentation.spectrogram.timeMasks = 3
        #expect(try read(RecipeFile.yaml(changed)) == changed)
    }

    @Test("the defaults are MFCC that lose nothing; a recipe that a run noted before these keys means what it did then")
    func defaults() throws {
        let recipe = try read("features:\n  mel_bands: 40\n")
        #expect(recipe.features.options.kind == .mfcc && recipe.features.options.coefficients == 40)
        #expect(recipe.features.options.lifter == 0)
        let frontEnd = recipe.features.frontEnd
        #expect(frontEnd.normalisation == .soundMean && frontEnd.range == 15 && frontEnd.padding == 0)
        let chosen = try read(
            "features:\n  kind: fbank\n  range: 0\n  padding: 200\n  normalization: utterance\n"
        ).features.frontEnd
        #expect(chosen.options.kind == .fbank && chosen.normalisation == .mean)
        #expect(chosen.range == nil && chosen.padding == 0.2)

        let noted = try RecipeFile.readNoted(
            folder.write("features:\n  kind: mfcc\n  mel_bands: 40\n  coefficients: 40\n".utf8, to: "noted.yaml"))
        let old = noted.features.frontEnd
        #expect(old.normalisation == .mean && old.range == nil && old.padding == 0 && old.options.lifter == 22)
        #expect(RecipeFile.changes(in: noted, from: .first).isEmpty)
    }

    @Test("every key has an explanation and a name of its own")
    func keys() {
        #expect(RecipeKey.all.count > 45)
        #expect(Set(RecipeKey.all.map(\.path)).count == RecipeKey.all.count)
        #expect(RecipeKey.all.allSatisfy { $0.comment.count > 5 && !$0.comment.contains("\n") })
    }

    @Test("what is left out has its default; paths are seen from the recipe's folder")
    func partial() throws {
        let recipe = try read(
            "\u{feff}data:\r\n  train: sub/train.jsonl\r\n  dev: [/abs/dev.jsonl, b.jsonl]\r\nnetwork:\r\n")
        #expect(recipe.data.train == [folder.path("sub/train.jsonl")])
        #expect(recipe.data.dev == ["/abs/dev.jsonl", folder.path("b.jsonl")])
        #expect(recipe.network == TrainingRecipe().network)
        #expect(try read("") == TrainingRecipe())
    }

    @Test(
        "a manifest may have a weight; a plain list has none, and masks may hide half of the bands and a fifth of the time"
    )
    func weights() throws {
        let recipe = try read(
            """
            data:
              train:
                - a.jsonl
                - {manifest: b.jsonl, weight: 2.5}
            network:
              heads: phones and characters
            augmentation: {frequency_masks: 1, frequency_width: 40, time_masks: 1, time_width: 1000, time_share: 0.2}
            """)
        #expect(recipe.data.train == [folder.path("a.jsonl"), folder.path("b.jsonl")])
        #expect(recipe.data.weights == [1, 2.5] && recipe.network.heads == .both)
        #expect(
            recipe.augmentation.spectrogram.frequencyWidth == 40 && recipe.augmentation.spectrogram.timeShare == 0.2)
        #expect(try read("data:\n  train: [a.jsonl, {manifest: b.jsonl}]\n").data.weights == [])
        var assigned = TrainingRecipe()
        try RecipeFile.assign("data.train=[{manifest: a, weight: 3}]", to: &assigned)
        #expect(assigned.data.train == ["a"] && assigned.data.weights == [3])
    }

    @Test(
        "what is wrong is named with its line, and with what to do",
        arguments: [
            ("network:\n  hiden: 3\n", "recipe.yaml:2: unknown key \"hiden\" in network; did you mean hidden?"),
            ("netwrk:\n  hidden: 3\n", "recipe.yaml:1: unknown section \"netwrk\"; did you mean network?"),
            (
                "weather:\n",
                "recipe.yaml:1: unknown section \"weather\"; there are data, features, network, training, "
                    + "augmentation"
            ),
            (
                "network:\n  layers: 2\n  hidden: 0\n",
                "recipe.yaml:3: network.hidden is 0, out of range; give a whole number from 1 to 8192"
            ),
            (
                "network:\n  hidden: many\n",
                "recipe.yaml:2: network.hidden is \"many\", no whole number; give a whole number from 1 to 8192"
            ),
            (
                "network:\n  dropout: .nan\n",
                "recipe.yaml:2: network.dropout is \".nan\", no number; give a number from 0 to 0.95"
            ),
            (
                "network:\n  cell: lstmm\n",
                "recipe.yaml:2: network.cell is \"lstmm\"; give one of tanh, relu, gru, lstm"
            ),
            (
                "data:\n  train: [{manifest: a, weight: 0}]\n",
                "recipe.yaml:2: data.train is 0, out of range; give a number from 0.001 to 1000"
            ),
            (
                "data:\n  train: [{manifest: a, times: 2}]\n",
                "recipe.yaml:2: data.train has a set of unknown form; give {manifest: PATH, weight: NUMBER}"
            ),
            (
                "data:\n  train: [{weight: 2}]\n",
                "recipe.yaml:2: data.train has a set without its manifest; give {manifest: PATH, weight: NUMBER}"
            ),
            (
                "network:\n  heads: sounds\n",
                "recipe.yaml:2: network.heads is \"sounds\"; give one of characters, phones, phones and characters"
            ),
            (
                "network:\n  bidirectional: perhaps\n",
                "recipe.yaml:2: network.bidirectional is \"perhaps\"; give true or false"
            ),
            (
                "network:\n  hidden: [1, 2]\n",
                "recipe.yaml:2: network.hidden is a list, no whole number; give a whole number from 1 to 8192"
            ),
            (
                "augmentation:\n  speeds: [1, 3]\n",
                "recipe.yaml:2: augmentation.speeds is 3, out of range; give a number from 0.5 to 2"
            ),
            (
                "augmentation:\n  noise_snr: [20, 5]\n",
                "recipe.yaml:2: augmentation.noise_snr falls from 20 to 5; give the lower number first"
            ),
            ("- a\n- b\n", "recipe.yaml: is not a recipe; see utter train --print-recipe for what one looks like"),
            ("network: 5\n", "recipe.yaml:1: network is not a section; put its keys below it, indented"),
        ])
    func mistakes(text: String, expected: String) { #expect(problem(text) == expected) }

    @Test("text that is no YAML, a key that stands there twice, and bytes that are no text are told with their line")
    func malformed() throws {
        #expect(problem("network:\n  hidden: [1, 2\n")?.hasPrefix("recipe.yaml:") == true)
        #expect(problem("network:\n  hidden: 1\n  hidden: 2\n")?.contains("hidden stands there twice") == true)
        let path = try folder.write([0x61, 0x3a, 0x0a, 0xff, 0xfe, 0x0a], to: "bytes.yaml")
        #expect(
            message { _ = try RecipeFile.read(path) }?.hasSuffix(
                "bytes.yaml:2: is not UTF-8 text; save the recipe as UTF-8 text") == true)
        #expect(message { _ = try RecipeFile.read(folder.path("none.yaml")) }?.contains("does not exist") == true)
    }

    @Test("an assignment changes one key")
    func assignments() throws {
        var recipe = TrainingRecipe()
        try RecipeFile.assign("network.hidden=64", to: &recipe)
        try RecipeFile.assign("augmentation.speeds=[0.9, 1.1]", to: &recipe)
        try RecipeFile.assign("data.cache=a=b", to: &recipe)
        #expect(recipe.network.hidden == 64 && recipe.augmentation.speeds == [0.9, 1.1] && recipe.data.cache == "a=b")
        func problem(_ assignment: String) -> String? { message { try RecipeFile.assign(assignment, to: &recipe) } }
        #expect(
            problem("network.hidden") == "--set network.hidden: has no =; give KEY=VALUE, such as network.hidden=256")
        #expect(problem("hidden=3")?.contains("unknown key \"hidden\"") == true)
        #expect(problem("network.hidden=x")?.hasPrefix("--set: network.hidden is \"x\", no whole number") == true)
        #expect(problem("network.hidden=[")?.contains("not YAML") == true)
    }
}
