import CTC
import Corpora
import Decoding
import Transcription
import VectorKernels

/// Looks for the weight of a language model and the bonus of a word with which a decoder makes the fewest errors on
/// recordings whose text is known. Of several sets each counts alike, however long it is: what is best is the mean of
/// their error rates.
///
/// The acoustic model runs once, or ran long ago; its posteriors are decoded again for each pair of weights. First
/// those on a coarse grid, then the neighbours of the best, in steps that are halved while none is better (Hooke and
/// Jeeves 1961, "Direct search").
public struct WeightTuning: Sendable {
    /// A recording to tune on.
    public struct Utterance: Sendable {
        private enum Source: Sendable {
            case memory(LogProbabilities)
            case file(PosteriorFile, recording: String)
        }

        private let source: Source
        /// What is said.
        public let reference: String

        /// Takes what a model says of a recording, and what is said in it.
        public init(posteriors: LogProbabilities, reference: String) {
            (source, self.reference) = (.memory(posteriors), reference)
        }

        /// Takes posteriors that stay in their file, and are read from it each time they are decoded.
        /// - Throws: `PosteriorFileError` where they are not there, or are no probabilities.
        public init(_ file: PosteriorFile, recording: String, reference: String) throws {
            _ = try file.posteriors(of: recording)
            (source, self.reference) = (.file(file, recording: recording), reference)
        }

        /// [steps, classes].
        /// - Throws: `PosteriorFileError` where the file that they stay in has changed since.
        public var posteriors: LogProbabilities {
            get throws {
                switch source {
                case .memory(let posteriors): posteriors
                case .file(let file, let recording): try file.posteriors(of: recording)
                }
            }
        }
    }

    /// A pair of weights and the errors that were made with them.
    public struct Trial: Sendable, Encodable {
        /// The weights.
        public let weights: DecodingWeights
        /// Edits over all utterances.
        public let errors: ErrorRate
        /// Edits of each set.
        public let sets: [ErrorRate]

        init(weights: DecodingWeights, sets: [ErrorRate]) {
            (self.weights, self.sets) = (weights, sets)
            errors = sets.reduce(into: ErrorRate()) { $0 += $1 }
        }

        /// The mean of the sets' word error rates; 0 where no set has a word.
        public var meanWordErrorRate: Double { mean(\.words) }
        /// The mean of the sets' character error rates; 0 where no set has a character.
        public var meanCharacterErrorRate: Double { mean(\.characters) }

        private func mean(_ units: KeyPath<ErrorRate, EditCounts>) -> Double {
            let rates = sets.compactMap { $0[keyPath: units].rate }
            return rates.isEmpty ? 0 : rates.reduce(0, +) / Double(rates.count)
        }

        /// A lower mean word error rate is better, then a lower one of characters, then fewer errors, then a smaller weight and
        /// bonus.
        func isBetter(than other: Trial) -> Bool {
            let pairs = [
                (meanWordErrorRate, other.meanWordErrorRate),
                (meanCharacterErrorRate, other.meanCharacterErrorRate),
                // Words where there are none to be heard.
                (Double(errors.words.errors), Double(other.errors.words.errors)),
                (weights.languageModelWeight, other.weights.languageModelWeight),
                (abs(weights.wordBonus), abs(other.weights.wordBonus)),
            ]
            for (own, theirs) in pairs where own != theirs { return own < theirs }
            return false
        }
    }

    private let sets: [[Utterance]]
    private let decoder: Decoder
    private let columns: Range<Int>?
    private let threads: Int

    /// The weights of the grid.
    public static let gridWeights = [0.0, 0.25, 0.5, 1.0, 1.5, 2.0]
    /// The bonuses of the grid, nats.
    public static let gridBonuses = [-1.0, 0.0, 1.0, 2.0, 4.0]
    /// The local search ends when its steps are this part of the first.
    private static let finest = 0.2

    /// - Parameters:
    ///   - decoder: with a text model; its weights are what is looked for.
    ///   - columns: those of the posteriors that the decoder reads; nil for all.
    ///   - threads: at most so many utterances are decoded at once.
    public init(_ sets: [[Utterance]], decoder: Decoder, columns: Range<Int>? = nil, threads: Int) {
        (self.sets, self.decoder, self.columns, self.threads) = (sets, decoder, columns, threads)
    }

    /// How many trials the grid has; the local search makes up to as many again.
    public static var gridSize: Int { gridWeights.count * gridBonuses.count }

    /// Tries weights.
    /// - Parameter report: is called after each trial.
    /// - Returns: all trials, the best one first, the others in the order in which they were made.
    /// - Throws: the errors of ``Utterance/posteriors``.
    public func run(report: (Trial) -> Void = { _ in }) throws -> [Trial] {
        var trials: [Trial] = []
        func attempt(_ weights: DecodingWeights) throws -> Trial {
            if let known = trials.first(where: { $0.weights == weights }) { return known }
            let trial = try trial(weights)
            trials.append(trial)
            report(trial)
            return trial
        }
        func attempt(_ weight: Double, _ bonus: Double) throws -> Trial {
            var weights = decoder.weights
            (weights.languageModelWeight, weights.wordBonus) = (weight, bonus)
            return try attempt(weights)
        }
        var best = try attempt(decoder.weights)
        for weight in Self.gridWeights {
            for bonus in Self.gridBonuses {
                let trial = try attempt(weight, bonus)
                if trial.isBetter(than: best) { best = trial }
            }
        }
        var step = 0.5
        while step >= Self.finest * 0.5 {
            let found = try neighbours(of: best.weights, step: step).map(attempt).first { $0.isBetter(than: best) }
            if let found { best = found } else { step /= 2 }
        }
        let winner = best.weights
        return [best] + trials.filter { $0.weights != winner }
    }

    /// The weights around some; by phones, what a blank and a missing boundary count are among them.
    private func neighbours(of weights: DecodingWeights, step: Double) -> [DecodingWeights] {
        func moved(_ path: WritableKeyPath<DecodingWeights, Double>, _ by: Double) -> [DecodingWeights] {
            [by, -by].map { by in
                var other = weights
                other[keyPath: path] += by
                return other
            }
        }
        let characters = moved(\.languageModelWeight, step / 2) + moved(\.wordBonus, step)
        let phones =
            decoder.spokenWords == nil
            ? [] : moved(\.spoken.blank, -step) + moved(\.spoken.joinedWords, 2 * step)
        return (characters + phones).map { weights in
            var weights = weights
            weights.languageModelWeight = max(0, weights.languageModelWeight)
            weights.spoken.joinedWords = min(0, weights.spoken.joinedWords)
            return weights
        }
    }

    private func trial(_ weights: DecodingWeights) throws -> Trial {
        var decoder = decoder
        decoder.weights = weights
        let steered = decoder
        // A search for each share of the utterances: it is made once and used again.
        let utterances = sets.enumerated().flatMap { set, utterances in utterances.map { (set, $0) } }
        let shares = max(1, min(threads, utterances.count))
        @Sendable func errors(ofShare share: Int) throws -> [ErrorRate] {
            let search = steered.makeTextSearch()
            var errors = [ErrorRate](repeating: ErrorRate(), count: sets.count)
            for index in stride(from: share, to: utterances.count, by: shares) {
                let (set, utterance) = utterances[index]
                search.begin()
                let posteriors = try utterance.posteriors
                search.step(columns.map(posteriors.columns) ?? posteriors)
                let heard = steered.end(search).best?.text ?? ""
                errors[set] += ErrorRate(reference: utterance.reference, hypothesis: heard)
            }
            return errors
        }
        let errors = try Parallel.map(shares, threads: threads) { share in Result { try errors(ofShare: share) } }
            .map { try $0.get() }
        let ofSets = sets.indices.map { set in errors.reduce(into: ErrorRate()) { $0 += $1[set] } }
        return Trial(weights: decoder.weights, sets: ofSets)
    }
}

extension WeightTuning.Utterance {
    /// Runs a model over the rows of a manifest.
    /// - Parameters:
    ///   - posteriors: gives those of a recording, by its path; is called from several threads.
    ///   - progress: is called after each.
    /// - Returns: the utterances, and a line for each row whose recording could not be read.
    public static func listening(
        to rows: [ManifestRow], threads: Int, progress: @Sendable (RowProgress) -> Void = RowProgress.ignore,
        _ posteriors: @Sendable (String) throws -> LogProbabilities
    ) -> (utterances: [Self], problems: [BadLine]) {
        gather(rows, threads: threads, progress: progress) { row in
            Self(posteriors: try posteriors(row.audioPath), reference: row.entry.text)
        }
    }

    /// Takes the posteriors of the rows of a manifest from a file, where they stand under the paths that the manifest
    /// has.
    /// - Parameter progress: is called after each.
    /// - Returns: the utterances, and a line for each row of which the file has no posteriors.
    public static func stored(
        in file: PosteriorFile, of rows: [ManifestRow], threads: Int,
        progress: @Sendable (RowProgress) -> Void = RowProgress.ignore
    ) -> (utterances: [Self], problems: [BadLine]) {
        gather(rows, threads: threads, progress: progress) { row in
            try Self(file, recording: row.entry.audioFilePath, reference: row.entry.text)
        }
    }

    private static func gather(
        _ rows: [ManifestRow], threads: Int, progress: @Sendable (RowProgress) -> Void,
        _ utterance: @Sendable (ManifestRow) throws -> Self
    ) -> (utterances: [Self], problems: [BadLine]) {
        let results = mapInParallel(rows.count, threads: threads, progress: progress) { index in
            Result { try utterance(rows[index]) }
        }
        var utterances: [Self] = []
        var problems: [BadLine] = []
        for (row, result) in zip(rows, results) {
            switch result {
            case .success(let utterance): utterances.append(utterance)
            case .failure(let error): problems.append(row.skipped("\(error)"))
            }
        }
        return (utterances, problems)
    }
}
