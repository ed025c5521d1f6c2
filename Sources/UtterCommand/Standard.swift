import Files
import Foundation
import Logging
import Messages

/// The two streams of a command: results on standard output, everything else on standard error.
enum Standard {
    /// Writes a line of results.
    /// - Throws: ``ResultWriter/Failure`` where standard output is closed or full.
    static func output(_ line: String) throws {
        guard Descriptor.write(line + "\n", to: STDOUT_FILENO) else { throw ResultWriter.Failure(path: nil, errno) }
    }

    /// Writes a line that is no result. Where nobody can read it, the work goes on.
    static func error(_ line: String) { Descriptor.write(line + "\n", to: STDERR_FILENO) }

    /// Whether a person reads standard error on a terminal.
    static let errorIsTerminal = isatty(STDERR_FILENO) != 0
}

/// Log messages as one line each on standard error: `warning: talk.wav: ...`.
struct StandardErrorLogHandler: LogHandler {
    var logLevel = Logger.Level.notice
    var metadata = Logger.Metadata()

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let prefix =
            switch event.level {
            case .warning: "warning: "
            case .error, .critical: "error: "
            default: ""
            }
        Standard.error(prefix + OneLine.escaped("\(event.message)"))
    }
}

extension Logger {
    /// The log of a command.
    /// - Parameter quiet: errors only.
    static func command(quiet: Bool) -> Logger {
        Logger(label: "utter") { _ in StandardErrorLogHandler(logLevel: quiet ? .error : .notice) }
    }
}
