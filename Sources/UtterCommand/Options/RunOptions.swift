import ArgumentParser
import Logging
import Messages
import UtterTraining

/// How many threads, and how much is said on the way.
struct RunOptions: ParsableArguments {
    @Option(help: "At most this many threads (default: all cores).")
    var threads: Int?

    @Flag(
        name: .shortAndLong, help: "No progress and no notes on standard error: only errors, and what damages a result."
    )
    var quiet = false

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads \(threads): give a number from 1 to 1024.")
        }
    }

    var threadCount: Int { threads ?? Parallel.cores }
    var log: Logger { Logger.command(quiet: quiet) }
}

extension Logger {
    /// Names lines that were skipped, the first ten of them.
    /// - Parameter name: what they are: line, row.
    func report(skipped lines: [BadLine], as name: String) {
        for line in lines.prefix(10) { warning("\(line); the \(name) is skipped") }
        if lines.count > 10 { warning("\(lines.count - 10) more \(name)s are skipped") }
    }

    /// Names recordings for which there is no result, the first ten of them.
    func report(failed recordings: [BadLine]) {
        for problem in recordings.prefix(10) { error("\(problem)") }
        if recordings.count > 10 { error("\(recordings.count - 10) more recordings like these") }
    }

    /// Says what was noticed in a recording. Damage is said even when quiet: it decides the exit code.
    /// - Returns: whether the recording is damaged.
    func report(_ warnings: [AudioWarning], of file: String) -> Bool {
        let name = OneLine.file(file)
        for warning in warnings {
            if warning.isDamage {
                Standard.error("warning: \(name): \(warning)")
            } else {
                self.warning("\(name): \(warning)")
            }
        }
        return warnings.contains(where: \.isDamage)
    }
}
