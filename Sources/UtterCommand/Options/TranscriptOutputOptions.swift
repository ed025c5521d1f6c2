import ArgumentParser
import Files
import Messages
import UtterTraining

/// Where transcripts are written.
struct TranscriptOutputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong, help: "Write the results to this file instead of standard output.", completion: .file())
    var output: String?

    @Option(
        help: """
            Write a file for each recording and format into this folder, named after the recording: talk.wav gives \
            talk.srt. It is made where it is missing.
            """,
        completion: .directory)
    var outputDir: String?

    /// Refuses what would not know where to go.
    /// - Parameter files: the recordings.
    func check(_ list: FormatList, files: [String]) throws {
        if output != nil, outputDir != nil {
            throw ValidationError("--output and --output-dir: give one of them.")
        }
        guard outputDir == nil else { return try checkNames(of: files) }
        let names = list.defaultValueDescription
        if list.formats.count > 1 {
            throw ValidationError("--format \(names): several formats need --output-dir, a folder for their files.")
        }
        if files.count > 1, let format = list.formats.first, !format.holdsSeveral {
            throw ValidationError(
                "--format \(names): a file of this format holds one recording; give one, or --output-dir.")
        }
    }

    private func checkNames(of files: [String]) throws {
        var taken: [String: String] = [:]
        for file in files {
            // Some disks fold case.
            let name = Transcript.baseName(of: file).lowercased()
            if let other = taken.updateValue(file, forKey: name) {
                throw ValidationError(
                    "--output-dir: \(OneLine.quoted(other)) and \(OneLine.quoted(file)) would have results of"
                        + " one name; "
                        + "transcribe them into two folders.")
            }
        }
    }
}

/// One format or several, parted by commas.
struct FormatList: ExpressibleByArgument {
    let formats: [TranscriptFormat]

    init(_ formats: TranscriptFormat...) { self.formats = formats }

    init?(argument: String) {
        let names = argument.split(separator: ",", omittingEmptySubsequences: false)
        var formats: [TranscriptFormat] = []
        for name in names {
            guard let format = TranscriptFormat(rawValue: name.lowercased()) else { return nil }
            if !formats.contains(format) { formats.append(format) }
        }
        self.formats = formats
    }

    var defaultValueDescription: String { formats.map(\.rawValue).joined(separator: ",") }
    static var allValueStrings: [String] { TranscriptFormat.allCases.map(\.rawValue) }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
