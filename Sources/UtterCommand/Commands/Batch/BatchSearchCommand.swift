import ArgumentParser
import Batch
import Messages

/// `utter batch search`: where words were said.
struct BatchSearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find where words were said in the recordings of an output folder.",
        discussion: """
            Examples:
              utter batch search texts lamp
              utter batch search texts "turn on" lamp
              utter batch search texts 'play*' --json

            A line for each place: recording, time, and the words around it, apart by tabs; the recordings that fit best \
            first. Words between quotation marks are said in a row, and all that are given are said in the recording. A * at \
            the end stands for any ending. The exit code is 1 if nothing is found.
            """)

    @Argument(help: "The output folder of the runs.", completion: .directory)
    var folder: String

    @Argument(help: "Words to look for.")
    var words: [String]

    @Option(help: "Show at most so many recordings.")
    var limit = 1000

    @Flag(help: "A line of JSON for each place: file, start and end in seconds, context.")
    var json = false

    func validate() throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit \(limit): give 1 to 1000000.") }
    }

    func run() throws {
        let hits = try BatchSearch(BatchFolder(folder)).hits(words, limit: limit)
        for hit in hits {
            try Standard.output(
                json
                    ? JSONLine.encode(hit)
                    : "\(OneLine.escaped(hit.file))\t\(Clock.text(hit.start))\t\(OneLine.escaped(hit.context))")
        }
        if hits.isEmpty { throw ExitCode.failure }
    }
}
