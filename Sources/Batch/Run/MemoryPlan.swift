import AcousticModel
import Transcription

/// How many batches may be under way at once within a bound on memory.
///
/// The size of a batch is fixed, whatever the bound: equal batches give equal bits.
package struct MemoryPlan {
    /// Steps of the utterances of a batch, together; a batch that has more is run in parts.
    static let stepsInBatch = 8192
    /// Batches of the network that run at once.
    package let workers: Int

    /// Megabytes that a run of so many workers may take, at most.
    package static func needed(_ model: AcousticModel, workers: Int) -> Int { fixed(model) + workers * worker(model) }

    /// Plans for as many workers as there are threads, and fewer where they would need more than `megabytes`.
    /// - Throws: ``BatchError`` where not even one fits.
    package init(_ model: AcousticModel, threads: Int, megabytes: Int?) throws(BatchError) {
        guard let megabytes else {
            workers = threads
            return
        }
        workers = min(threads, (megabytes - Self.fixed(model)) / Self.worker(model))
        guard workers > 0 else {
            throw BatchError(
                "--max-memory", "is less than this model needs",
                mend: "give \(Self.needed(model, workers: 1)) MB at least")
        }
    }

    /// The program, the ledger's cache, and the model: as it is in the file, unpacked and packed for speed.
    private static func fixed(_ model: AcousticModel) -> Int { 90 + model.parameterCount * 12 / 1_000_000 }

    /// Of a batch: its steps three times (read, waiting, laid out), what a layer reads and writes, what the head makes of
    /// it twice; and some for what a decoder and the allocator keep.
    private static func worker(_ model: AcousticModel) -> Int {
        // The output of a convolution may be wider than those of the layers.
        let widest = max(model.encoder.outputs, model.encoder.convolution?.outputs ?? 0)
        let floats = 3 * model.frontEnd.stepDimension + 2 * widest + 2 * model.posteriorColumns
        return 12 + stepsInBatch * floats * 4 / 1_000_000
    }
}
