import ArgumentParser
import Foundation
import Messages
import UtterTraining

/// The command `utter`. Each subcommand is thin: it parses, calls the library and prints.
@main
struct UtterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "utter",
        abstract: "Speech recognition that you own: offline, on an ordinary CPU.",
        discussion: """
            Example:
              utter transcribe audio/turn-on-the-lamp.wav

            Results go to standard output, everything else to standard error. Exit codes: 0 if all went well, \
            1 if a file failed or was damaged, 2 if the command was used wrongly.
            """,
        version: UtterVersion.current,
        subcommands: [
            TranscribeCommand.self, BatchCommand.self, AlignCommand.self, SegmentsCommand.self, TrainCommand.self,
            AdaptCommand.self, EvaluateCommand.self, DataCommand.self, LMCommand.self, LexiconCommand.self,
            PronounceCommand.self,
            DetectorCommand.self, InfoCommand.self, ModelsCommand.self, FeaturesCommand.self, PosteriorsCommand.self,
            ImportCommand.self,
            ExportCommand.self, ConvertCommand.self, GradientsCommand.self,
        ])

    /// Parses and runs, with exit codes of our own: ArgumentParser's for wrong usage is 64.
    static func main() async {
        if let wanted = VectorKernels.refusedName {
            Standard.error(
                "warning: UTTER_KERNELS: \(OneLine.quoted(wanted)) is unknown or beyond this processor; it is ignored")
        }
        do {
            try Misspelling.check(Array(CommandLine.arguments.dropFirst()), root: Self.self)
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            exit(code)
        } catch {
            switch exitCode(for: error) {
            case .success:
                exit(withError: error)  // help and version, which are no errors
            case .validationFailure:
                Standard.error(fullMessage(for: error))
                exit(ExitCode(2))
            default:
                Standard.error("error: \(OneLine.escaped("\(error)"))")
                exit(.failure)
            }
        }
    }

    private static func exit(_ code: ExitCode) -> Never { Foundation.exit(code.rawValue) }
}
