import ArgumentParser
import UtterTraining

/// Which part of recordings to hear.
struct PartOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Begin at this time of the recording: seconds, 1:30 or 1:02:03. Times in the results stay the recording's.",
            valueName: "time"))
    var from: RecordingTime?

    @Option(help: ArgumentHelp("End at this time of the recording.", valueName: "time"))
    var to: RecordingTime?

    func validate() throws {
        guard let to, (from?.seconds ?? 0) >= to.seconds else { return }
        throw ValidationError("--from and --to: the part must end after it begins.")
    }

    var part: RecordingPart { RecordingPart(from: from?.seconds ?? 0, to: to?.seconds) }
}
