import Yams

extension RecipeKey {
    static let augmentation: [RecipeKey] = [
        RecipeKey(
            section: section, name: "speeds",
            comment: "speeds at which recordings are played, one of them in each epoch; [1]: as they are"
        ) { recipe in
            "[\(recipe.augmentation.speeds.map(YAMLValue.text).joined(separator: ", "))]"
        } set: { node, recipe throws(RecipeProblem) in
            let speeds = try YAMLValue.list(node) { element throws(RecipeProblem) in
                try YAMLValue.number(element, AugmentationLimits.speed)
            }
            guard !speeds.isEmpty else { throw RecipeProblem("is empty", mend: "give at least one, such as [1]") }
            recipe.augmentation.speeds = speeds
        },
        .integer(
            section, "frequency_masks", \.augmentation.spectrogram.frequencyMasks, AugmentationLimits.masks,
            "SpecAugment: how many ranges of mel bands are hidden; 0: none"),
        .integer(
            section, "frequency_width", \.augmentation.spectrogram.frequencyWidth, AugmentationLimits.bands,
            "the most bands that one of them hides"),
        .integer(
            section, "time_masks", \.augmentation.spectrogram.timeMasks, AugmentationLimits.masks,
            "SpecAugment: how many stretches of time are hidden; 0: none"),
        .integer(
            section, "time_width", \.augmentation.spectrogram.timeWidth, AugmentationLimits.frames,
            "the most frames of 10 ms that one of them hides"),
        .number(
            section, "time_share", \.augmentation.spectrogram.timeShare, AugmentationLimits.probability,
            "the largest share of a recording that one of them hides"),
        .text(section, "noise_folder", \.augmentation.noise.folder, "folder of noise, recordings of any format"),
        .probability("noise", \.augmentation.noise.probability, "recordings to which noise is added"),
        .range(
            "noise_snr", \.augmentation.noise.snr, AugmentationLimits.snr, "speech over noise, decibels, from and to"),
        .probability("gain", \.augmentation.gain.probability, "recordings whose level is changed"),
        .range("gain_decibels", \.augmentation.gain.decibels, AugmentationLimits.decibels, "by how much, from and to"),
        .probability(
            "telephone", \.augmentation.telephone.probability,
            "recordings that sound as by telephone, 300 to 3400 Hz, 8 kHz"),
        .probability("room", \.augmentation.room.probability, "recordings that sound as if spoken in a room"),
        .range(
            "room_reverberation_time", \.augmentation.room.reverberationTime, AugmentationLimits.reverberationTime,
            "seconds in which its sound dies away by 60 dB, from and to"),
        .range(
            "room_distance", \.augmentation.room.distance, AugmentationLimits.distance,
            "metres from mouth to microphone, from and to"),
    ]

    private static let section = "augmentation"

    private static func probability(
        _ part: String, _ path: RecipePath<Double>, _ whose: String
    ) -> RecipeKey {
        .number(
            section, "\(part)_probability", path, AugmentationLimits.probability, "share of the \(whose); 0: none")
    }

    private static func range(
        _ name: String, _ path: RecipePath<ClosedRange<Double>>, _ allowed: ClosedRange<Double>, _ comment: String
    ) -> RecipeKey {
        RecipeKey(section: section, name: name, comment: comment) { recipe in
            let range = recipe[keyPath: path]
            return "[\(YAMLValue.text(range.lowerBound)), \(YAMLValue.text(range.upperBound))]"
        } set: { node, recipe throws(RecipeProblem) in
            let ends = try YAMLValue.list(node) { element throws(RecipeProblem) in
                try YAMLValue.number(element, allowed)
            }
            guard ends.count == 2 else { throw RecipeProblem("is not a range", mend: "give two numbers, [from, to]") }
            guard ends[0] <= ends[1] else {
                throw RecipeProblem(
                    "falls from \(YAMLValue.text(ends[0])) to \(YAMLValue.text(ends[1]))",
                    mend: "give the lower number first")
            }
            recipe[keyPath: path] = ends[0]...ends[1]
        }
    }
}
