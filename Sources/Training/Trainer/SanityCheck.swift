import AcousticModel
import CTC
import Evaluation
import Foundation
import Networks

/// Whether a network can learn eight recordings by heart. Where it cannot, no amount of data will help: the texts do not
/// belong to the recordings, the steps are too few for them, or the learning rate is off.
public struct SanityCheck {
    /// What came of it.
    public struct Outcome: Sendable {
        /// Recordings that were learned.
        public let utterances: Int
        /// The share of wrong characters at the end.
        public let cer: Double
        /// Steps made.
        public let steps: Int
        /// Seconds that it took.
        public let seconds: Double
        /// The last texts and what was heard.
        public let pairs: [EpochRecord.Pair]

        /// Whether all is right.
        public var isPassed: Bool { cer == 0 }
    }

    private static let utterances = 8
    /// Steps between two looks at what is heard.
    private static let stepsPerLook = 10

    private let material: TrainingMaterial
    private let recipe: TrainingRecipe
    private let weights: InitialWeights
    private let threads: Int

    /// Looks through the data as for training.
    /// - Throws: as ``Trainer/init(_:folder:resumes:threads:exchange:isInterrupted:report:)``.
    public init(
        _ recipe: TrainingRecipe, threads: Int, report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
    ) throws {
        var recipe = recipe
        recipe.network.dropout = 0
        recipe.network.recurrentDropout = 0
        recipe.augmentation = AugmentationOptions()
        // Whether texts and recordings belong together is seen by plain CTC, and read off the best path.
        recipe.training.loss = .ctc
        weights = try InitialWeights(recipe)
        self.recipe = weights.recipe(recipe)
        self.threads = threads
        material = try TrainingMaterial(self.recipe, weights, threads: threads, report: report)
    }

    /// Learns until nothing is wrong any more or time is up.
    /// - Parameters:
    ///   - limit: seconds.
    ///   - progress: is told the steps made, the seconds, the loss in nats a label and the character error rate.
    public func run(
        limit: Double = 60, isInterrupted: () -> Bool = { false },
        progress: (_ steps: Int, _ seconds: Double, _ loss: Double, _ cer: Double) -> Void = { _, _, _, _ in }
    ) throws -> Outcome {
        let clock = ContinuousClock()
        let begin = clock.now
        let chosen = chosenUtterances()
        let utterances = chosen.map { material.train.utterances[$0] }
        let steps = try chosen.map { try material.plain.steps(of: material.train.utterances[$0], index: $0, epoch: 0) }
        let count = max(1, utterances.reduce(0) { $0 + ($1.labels?.count ?? 0) })
        let characters = max(1, utterances.reduce(0) { $0 + ($1.characters?.count ?? 0) })
        let targets = TrainableModel.Targets(
            labels: utterances.map { $0.labels ?? [] }, weight: 1 / Float(count),
            characters: utterances.map { $0.characters ?? [] },
            characterWeight: Float(recipe.training.characterWeight) / Float(characters))
        // Of phones alone, phones are what can be heard.
        let texts = utterances.map { utterance in
            material.vocabulary.unit == .phone && material.characters == nil
                ? material.vocabulary.text(of: utterance.labels ?? []) : utterance.text
        }
        var model = weights.network(recipe, material)
        let sharded = ShardedGradient(of: model, threads: threads)
        // Whatever the recipe says of a long run: eight recordings are learned fastest at a high and constant rate.
        var optimiser = Adam(for: model.parameters, learningRate: 2e-3, maximumNorm: 1)
        var (made, heard) = (0, [String](repeating: "", count: utterances.count))
        var errors = ErrorRate()
        repeat {
            var loss = 0.0
            for _ in 0..<Self.stepsPerLook {
                let result = try sharded.gradient(
                    of: model, steps: steps, targets: targets, seeds: steps.map { _ in 0 }, recordsFlow: false)
                _ = model.updateParameters {
                    optimiser.step(&$0, gradients: result.gradients, threads: threads)
                }
                loss = result.loss / Double(count)
                made += 1
            }
            let listener = material.acousticModel(of: model, name: "sanity")
            heard = listener.logProbabilities(ofSteps: steps, threads: threads).map(listener.bestText)
            errors = ErrorRate()
            for (text, heard) in zip(texts, heard) { errors += ErrorRate(reference: text, hypothesis: heard) }
            progress(made, (clock.now - begin) / .seconds(1), loss, errors.characters.rate ?? 0)
        } while (errors.characters.rate ?? 0) > 0 && (clock.now - begin) / .seconds(1) < limit && !isInterrupted()
        return Outcome(
            utterances: utterances.count, cer: errors.characters.rate ?? 0, steps: made,
            seconds: (clock.now - begin) / .seconds(1),
            pairs: zip(texts, heard).map { EpochRecord.Pair(reference: $0, hypothesis: $1) })
    }

    /// The eight recordings around the median length that have a text: long enough to be hard, short enough for a minute.
    private func chosenUtterances() -> [Int] {
        let set = material.train.utterances
        let spoken = set.indices.filter { !set[$0].text.isEmpty }.sorted {
            (set[$0].seconds, $0) < (set[$1].seconds, $1)
        }
        let first = max(0, (spoken.count - Self.utterances) / 2)
        return Array(spoken[first..<min(spoken.count, first + Self.utterances)])
    }
}
