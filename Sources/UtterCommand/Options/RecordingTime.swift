import ArgumentParser
import Utter

/// A place in a recording, as people write it: 90, 90.5, 1:30 or 1:02:03.5.
struct RecordingTime: ExpressibleByArgument {
    let seconds: Double

    init?(argument: String) {
        let fields = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count <= 3 else { return nil }
        var sum = 0.0
        for (index, field) in fields.enumerated() {
            // Only the last field has a fraction, and only the first may be 60 or more.
            let isLast = index == fields.count - 1
            guard !field.isEmpty, field.allSatisfy({ $0.isASCII && ($0.isNumber || ($0 == "." && isLast)) }),
                let number = Double(field), index == 0 || number < 60
            else { return nil }
            sum = sum * 60 + number
        }
        guard sum <= 1e7 else { return nil }
        seconds = sum
    }
}

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
