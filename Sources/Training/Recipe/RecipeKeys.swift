import CTC

extension RecipeKey {
    /// Every key, in the order in which recipes are printed.
    public static let all: [RecipeKey] = data + features + network + training + augmentation

    /// What each section is about.
    static let sections: [(name: String, comment: String)] = [
        ("data", "The recordings. Paths are seen from the recipe's folder."),
        ("features", "The front end: Kaldi's filter bank or MFCC of 25 ms frames every 10 ms, some of them stacked."),
        (
            "network",
            "Recurrent layers, perhaps on a convolution, then a linear layer to the characters and the CTC blank."
        ),
        ("training", "How the weights are changed. An epoch is a pass over the data, a step is a batch."),
        ("augmentation", "How recordings are varied, each anew in every epoch. docs/augmentation.md explains them."),
    ]

    private static let data: [RecipeKey] = [
        manifests,
        .texts(
            "data", "dev", \.data.dev, "manifests by whose error the best weights are chosen; other speakers than train"
        ),
        .text(
            "data", "characters", \.data.characters,
            "characters of the output besides the space; empty: those of the training texts"),
        .text(
            "data", "lexicon", \.data.lexicon,
            "how words are pronounced, for a head of phones: a lexicon, as text or compiled; empty: none"),
        .number(
            "data", "max_bad", \.data.maxBad, 0...1, "share of rows that may be bad and are skipped; more is refused"),
        .truth(
            "data", "keep_empty_texts", \.data.keepsEmptyTexts,
            "true: learn from recordings with an empty text that nothing is said in them; false: skip them"),
        .number(
            "data", "longest", \.data.longest, 0.1...3600, "seconds of the longest recording; longer ones are skipped"),
        .text(
            "data", "cache", \.data.cache,
            "folder in which features, or decoded samples, are kept from epoch to epoch; empty: none"),
    ]

    /// A manifest by its path, or `{manifest: PATH, weight: NUMBER}`.
    private static let manifests = RecipeKey(
        section: "data", name: "train",
        comment:
            "manifests to learn from; {manifest: PATH, weight: 2} meets each of its recordings twice in an epoch, 0.5 half of them"
    ) { recipe in
        let entries = recipe.data.train.enumerated().map { place, path in
            let weight = recipe.data.weight(at: place)
            return weight == 1
                ? YAMLValue.quoted(path)
                : "{manifest: \(YAMLValue.quoted(path)), weight: \(YAMLValue.text(weight))}"
        }
        return "[\(entries.joined(separator: ", "))]"
    } set: { node, recipe throws(RecipeProblem) in
        let entries = try YAMLValue.list(node) { node throws(RecipeProblem) -> (path: String, weight: Double) in
            guard let fields = node.mapping else { return (try YAMLValue.string(node), 1) }
            var (path, weight) = ("", 1.0)
            for (name, value) in fields {
                switch name.scalar?.string {
                case "manifest": path = try YAMLValue.string(value)
                case "weight": weight = try YAMLValue.number(value, 0.001...1000)
                default: throw RecipeProblem("has a set of unknown form", mend: "give {manifest: PATH, weight: NUMBER}")
                }
            }
            guard !path.isEmpty else {
                throw RecipeProblem("has a set without its manifest", mend: "give {manifest: PATH, weight: NUMBER}")
            }
            return (path, weight)
        }
        recipe.data.train = entries.map(\.path)
        recipe.data.weights = entries.allSatisfy { $0.weight == 1 } ? [] : entries.map(\.weight)
    }

    private static let features: [RecipeKey] = [
        .choice("features", "kind", \.features.kind, "mfcc or fbank (log-mel)"),
        .integer(
            "features", "sample_rate", \.features.sampleRate, 4_000...192_000, "hertz; recordings are resampled to it"),
        .integer("features", "mel_bands", \.features.melBands, 1...1024, "bands of the filter bank"),
        .integer(
            "features", "coefficients", \.features.coefficients, 0...1024,
            "cepstral coefficients, at most mel_bands (mfcc); 0: as many as mel_bands, which loses nothing"),
        .number(
            "features", "lifter", \.features.lifter, 0...1_000_000,
            "cepstral coefficient i is multiplied by 1 + L/2 sin(pi i / L) (mfcc); 0: none"),
        .number("features", "low_frequency", \.features.lowFrequency, 0...96_000, "lower edge of the lowest band, Hz"),
        .number(
            "features", "high_frequency", \.features.highFrequency, -96_000...96_000,
            "upper edge of the highest band, Hz; 0 or less is counted from half the sample rate"),
        .choice(
            "features", "normalization", \.features.normalization,
            "frames whose mean is subtracted: sound (those that hold any) or utterance (all)"),
        RecipeKey(
            section: "features", name: "range",
            comment: "nats below the loudest at which log-mel energies are held, 1 to 1000 (1 is 4.3 dB); 0: not held"
        ) { recipe in
            YAMLValue.text(recipe.features.range)
        } set: { node, recipe throws(RecipeProblem) in
            let range = try YAMLValue.number(node, 0...1000)
            guard range == 0 || range >= 1 else {
                throw RecipeProblem("is \(YAMLValue.text(range))", mend: "give 0, or 1 to 1000")
            }
            recipe.features.range = range
        },
        .number(
            "features", "padding", \.features.padding, 0...1000, "ms of silence put before and after a recording"),
        .integer("features", "stack", \.features.stack, 1...64, "frames of 10 ms that make up one step of the network"),
        .integer("features", "stride", \.features.stride, 1...64, "frames from step to step"),
    ]

    private static let network: [RecipeKey] = [
        .text(
            "network", "from", \.network.from,
            "model to begin with: its weights, characters, front end and sizes; empty: random weights"),
        .choice(
            "network", "heads", \.network.heads,
            "what is told of each step: characters, phones, or \"phones and characters\" (phones need data.lexicon)"),
        .choice("network", "cell", \.network.cell, "lstm, gru, tanh or relu"),
        .truth("network", "bidirectional", \.network.isBidirectional, "whether each layer reads in both directions"),
        .integer(
            "network", "convolution", \.network.convolution, 0...8192,
            "filters of a convolution over the frames of a step, below the lowest layer; 0: none"),
        .integer("network", "layers", \.network.layers, 1...64, "recurrent layers"),
        .integer("network", "hidden", \.network.hidden, 1...8192, "units in each direction of a layer"),
        .number(
            "network", "dropout", \.network.dropout, 0...0.95,
            "share of the units between layers that is dropped in training, the same ones at every step of a recording"),
        .number(
            "network", "recurrent_dropout", \.network.recurrentDropout, 0...0.95,
            "share of the recurrent connection that is dropped, the same units at every step of a recording"),
    ]

    private static let training: [RecipeKey] = [
        .choice(
            "training", "loss", \.training.loss,
            "ctc, or ctc-crf, which also learns what is not said: all texts compete, weighed by an n-gram of labels"),
        .number("training", "ctc_weight", \.training.ctcWeight, 0...100, "share of plain CTC that is added to ctc-crf"),
        .integer(
            "training", "ngram_order", \.training.ngramOrder, LabelNGram.orders,
            "labels that a probability of the n-gram is of, for ctc-crf"),
        .text(
            "training", "ngram_text", \.training.ngramText,
            "text for the n-gram, a sentence a line, plain, gzip or xz; empty: the training texts"),
        .integer("training", "epochs", \.training.epochs, 1...1_000_000, "passes over the data"),
        .integer("training", "batch_size", \.training.batchSize, 1...65_536, "recordings in a batch"),
        .number(
            "training", "batch_seconds", \.training.batchSeconds, 1...1_000_000,
            "seconds of audio in a batch at the most"),
        .choice("training", "optimiser", \.training.rule, "sgd, adam or adamw"),
        .number("training", "learning_rate", \.training.learningRate, 0...1000, "the highest learning rate"),
        .choice("training", "schedule", \.training.schedule, "after the rise: constant, linear, cosine or plateau"),
        .number("training", "warm_up", \.training.warmUp, 0...1_000_000, "epochs over which the learning rate rises"),
        .number(
            "training", "final_share", \.training.finalShare, 0...1,
            "share of the highest rate that is left at the end (linear, cosine) or at the least (plateau)"),
        .integer(
            "training", "patience", \.training.patience, 0...1_000_000,
            "epochs without a better dev error before a plateau cuts the rate"),
        .number("training", "plateau_factor", \.training.plateauFactor, 0...1, "by what a plateau multiplies the rate"),
        .number("training", "momentum", \.training.momentum, 0...0.9999, "momentum of sgd"),
        .number("training", "weight_decay", \.training.weightDecay, 0...1000, "pull of the weights towards 0"),
        .number(
            "training", "clip", \.training.clip, 0...1e9, "gradients of a larger global norm are clipped to it; 0: none"
        ),
        .number(
            "training", "character_weight", \.training.characterWeight, 0...100,
            "how much the loss of the characters, nats a character, counts beside that of the phones, nats a phone"),
        .integer(
            "training", "realign", \.training.realign, 0...1_000_000,
            "epochs after which the pronunciation heard in each recording is chosen anew; 0: always the first of a word"
        ),
        .choice(
            "training", "average", \.training.average,
            "weights that are measured and kept: none (the last), moving (exponential, over steps), epochs (mean of the last)"
        ),
        .number(
            "training", "average_decay", \.training.averageDecay, 0...0.999_999, "decay of the moving average, a step"),
        .integer("training", "averaged_epochs", \.training.averagedEpochs, 1...100, "epochs in the mean over epochs"),
        .integer(
            "training", "stop_after", \.training.stopAfter, 0...1_000_000,
            "epochs without a better dev error before training ends; 0: never"),
        .choice(
            "training", "precision", \.training.precision,
            "of products of matrices: single, or bfloat16, faster on processors that have it (AVX-512 BF16)"),
        .integer(
            "training", "shards", \.training.shards, 0...1024,
            "parts of a batch that are computed side by side; 0: as many as the threads serve. Results depend on it"),
        RecipeKey(section: "training", name: "seed", comment: "what all random numbers come from") { recipe in
            "\(recipe.training.seed)"
        } set: { node, recipe throws(RecipeProblem) in
            recipe.training.seed = UInt64(try YAMLValue.integer(node, 0...Int.max))
        },
        .number(
            "training", "checkpoint_minutes", \.training.checkpointMinutes, 0...100_000,
            "minutes from checkpoint to checkpoint; 0: after every step"),
        .integer(
            "training", "log_every", \.training.logEvery, 1...1_000_000,
            "steps from one line of gradient norms in the log to the next"),
    ]
}
