import Foundation
import Logging
import UtterTraining

/// A run, told to people on standard error.
struct TrainingReport: Sendable {
    private let progress: ProgressLine
    private let log: Logger
    private let quiet: Bool

    init(name: String = "training", quiet: Bool, log: Logger) {
        progress = ProgressLine(name: name, quiet: quiet)
        (self.log, self.quiet) = (log, quiet)
    }

    @Sendable func tell(_ event: TrainingEvent) {
        switch event {
        case .note(let text): say { log.notice("\(text)") }
        case .warning(let text): say { log.warning("\(text)") }
        case .checking(let rows): progress.show(rows)
        case .skipped(let lines): say { log.report(skipped: lines, as: "row") }
        case .step(let step): show(step)
        case .epoch(let record): say { lines(of: record).forEach { log.notice("\($0)") } }
        }
    }

    func tell(_ pair: EpochRecord.Pair) { lines(of: pair).forEach { Standard.error($0) } }

    func show(_ text: String) { progress.show { _ in text } }

    func clear() { progress.clear() }

    private func say(_ body: () -> Void) {
        progress.clear()
        body()
    }

    private func show(_ step: StepProgress) {
        let loss = step.loss.map { String(format: ", loss %.3f", $0) } ?? ""
        show(
            String(
                format: "epoch %d of %d, batch %d of %d%@, %.0f times real time, %@ left", step.epoch, step.epochs,
                step.batch, step.batches, loss, step.timesRealTime, Clock.text(step.secondsLeft)))
    }

    private func lines(of record: EpochRecord) -> [String] {
        func number(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "none" }
        let head = String(
            format:
                "epoch %d of %d: loss %@%@, %@CER %.2f %%, WER %.2f %%, blank %.0f %%, gradient %.2f (%.0f %% "
                + "clipped), %.0f times real time, %@, %@ left%@", record.epoch, record.epochs, number(record.loss),
            (record.characterLoss.map { " and \(number($0))" } ?? "")
                + (record.devLoss.map { ", dev loss \(number($0))" } ?? ""),
            record.per.map { String(format: "phone errors %.2f %%, ", 100 * $0) } ?? "", 100 * record.cer,
            100 * record.wer,
            100 * record.blankShare, record.gradientNorm,
            100 * record.clippedShare, record.timesRealTime, Clock.text(record.seconds), Clock.text(record.secondsLeft),
            record.isBest ? ", the best so far" : "")
        let old = zipped(record.oldWER, record.oldCER).map {
            String(
                format: "    old domain: WER %.2f %%, CER %.2f %%; new: %.2f %%, %.2f %%", 100 * $0.0, 100 * $0.1,
                100 * record.wer, 100 * record.cer)
        }
        return [head] + (old.map { [$0] } ?? []) + record.pairs.flatMap(lines)
    }

    private func zipped<A, B>(_ a: A?, _ b: B?) -> (A, B)? { a.flatMap { a in b.map { (a, $0) } } }

    private func lines(of pair: EpochRecord.Pair) -> [String] {
        ["    said   \(pair.reference)", "    heard  \(pair.hypothesis)"]
    }
}
