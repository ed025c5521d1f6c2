import ArgumentParser
import Logging
import UtterTraining

/// What the commands on manifests share.
struct ManifestOptions: ParsableArguments {
    @Option(help: "The share of lines that may be bad and are skipped, 0 to 1.")
    var maxBad = BadShare.allowed

    @OptionGroup var run: RunOptions

    func validate() throws {
        guard (0...1).contains(maxBad) else { throw ValidationError("--max-bad \(maxBad): give a share from 0 to 1.") }
    }

    var threadCount: Int { run.threadCount }
    var quiet: Bool { run.quiet }
    var log: Logger { run.log }

    /// Reads a manifest and says on standard error what was skipped or changed.
    func manifest(_ path: String) throws -> Manifest {
        let manifest = try Manifest(path: path, maxBad: maxBad)
        report(skipped: manifest.badLines)
        let counts = manifest.counts
        if counts.duplicates > 0 {
            log.notice(
                "\(path): \(counts.duplicates) rows stand there twice (same recording, same text); each is taken once")
        }
        if counts.normalised > 0 {
            log.notice("\(path): \(counts.normalised) texts were put into one form (composed accents, single spaces)")
        }
        guard !manifest.rows.isEmpty else { throw CommandError("\(path): no row is left; see the warnings above") }
        return manifest
    }

    /// Names the lines that were skipped.
    func report(skipped lines: [BadLine]) { log.report(skipped: lines, as: "line") }
}
