import Yams

extension RecipeKey {
    static let augmentation: [RecipeKey] = [
        RecipeKey(
            section: "augmentation", name: "speeds",
            comment: "speeds at which recordings are played, one of them in each epoch; [1]: as they are"
        ) { recipe in
            "[\(recipe.augmentation.speeds.map(YAMLValue.text).joined(separator: ", "))]"
        } set: { node, recipe throws(RecipeProblem) in
            recipe.augmentation.speeds = try YAMLValue.list(node) { element throws(RecipeProblem) in
                try YAMLValue.number(element, 0.5...2)
            }
        },
        .mask("frequency_masks", \.frequencyMasks, 0...100, "SpecAugment: how many ranges of mel bands are hidden"),
        .mask("frequency_width", \.frequencyWidth, 0...1024, "the most bands that one of them hides"),
        .mask("time_masks", \.timeMasks, 0...100, "how many stretches of time are hidden"),
        .mask("time_width", \.timeWidth, 0...100_000, "the most frames of 10 ms that one of them hides"),
    ]

    private static func mask(
        _ name: String, _ path: WritableKeyPath<SpectrogramMasking, Int> & Sendable, _ range: ClosedRange<Int>,
        _ comment: String
    ) -> RecipeKey {
        RecipeKey(section: "augmentation", name: name, comment: comment) { recipe in
            "\(recipe.augmentation.spectrogram?[keyPath: path] ?? 0)"
        } set: { node, recipe throws(RecipeProblem) in
            var masking = recipe.augmentation.spectrogram ?? SpectrogramMasking()
            masking[keyPath: path] = try YAMLValue.integer(node, range)
            recipe.augmentation.spectrogram = masking
        }
    }
}
