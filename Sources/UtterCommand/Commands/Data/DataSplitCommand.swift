import ArgumentParser
import Foundation
import UtterTraining

/// `utter data split`: train, dev and test, no speaker on two sides.
struct DataSplitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Part a manifest into train, dev and test, no speaker on two sides.",
        discussion: """
            Example:
              utter data split audio/transcripts.jsonl --dev 0.2 --output split

            Writes train.jsonl and dev.jsonl, and test.jsonl with --test, into the folder. Shares are of seconds of audio, \
            and met as nearly as whole speakers allow. The same rows and seed give the same sides.
            """)

    @Argument(help: "The manifest.", completion: .file())
    var manifest: String

    @Option(help: "The share for dev.")
    var dev = 0.1

    @Option(help: "The share for test (default: none).")
    var test = 0.0

    @Option(
        name: .shortAndLong, help: "The folder to write to; it is made where it is missing.", completion: .directory)
    var output: String

    @Option(help: "Another seed, other sides.")
    var seed: UInt64 = 1

    @OptionGroup var options: ManifestOptions

    func validate() throws {
        guard dev > 0, test >= 0, dev + test < 1 else {
            throw ValidationError("--dev \(dev) --test \(test): give shares above 0 that leave something for train.")
        }
    }

    func run() throws {
        let log = options.log
        let rows = try measured(options.manifest(manifest).rows)
        let split = try DataSplit(rows, dev: dev, test: test, seed: seed)
        if split.rowsWithoutSpeaker > 0 {
            log.warning(
                """
                \(manifest): \(split.rowsWithoutSpeaker) rows name no speaker and are parted one by one: a voice may be on \
                both sides, and dev easier than it should be; add "speaker" to them
                """)
        }
        try OutputFolder.make(output)
        for side in split.sides {
            try ManifestWriter.write(side.rows, to: (output as NSString).appendingPathComponent(side.name + ".jsonl"))
            try Standard.output(
                String(
                    format: "%@  %d rows, %.2f h (%.1f %%), %d speakers",
                    side.name.padding(toLength: 5, withPad: " ", startingAt: 0), side.rows.count, side.seconds / 3600,
                    100 * side.share, side.speakers))
        }
        for (name, wanted) in [("dev", dev), ("test", test)] {
            guard let side = split.sides.first(where: { $0.name == name }), abs(side.share - wanted) > wanted / 2 else {
                continue
            }
            log.warning(
                "\(String(format: "%@ is %.1f %% of the audio, not %.1f %%", name, 100 * side.share, 100 * wanted)): whole speakers allow nothing nearer"
            )
        }
    }

    /// The rows with a duration each: that of the recording's header where the manifest does not say.
    private func measured(_ rows: [ManifestRow]) -> [ManifestRow] {
        rows.map { row in
            guard row.entry.duration == nil else { return row }
            var row = row
            row.entry.duration = (try? AudioFile.information(row.audioPath))?.duration
            if row.entry.duration == nil {
                options.log.warning("\(row.place): its duration is unknown and counts as 1 s")
            }
            return row
        }
    }
}
