import ArgumentParser
import Batch
import Files
import Foundation
import Logging
import Messages
import UtterTraining

/// `utter batch report`: a page about a run.
struct BatchReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Make a page about the runs on an output folder: hours, speed, errors, confidence.",
        discussion: """
            Example:
              utter batch audio --output texts && utter batch report texts

            The page, report.html in the folder, is one file that needs nothing else. It names every recording that failed \
            or is damaged, and those that are least sure first.
            """)

    @Argument(help: "The output folder of the runs.", completion: .directory)
    var folder: String

    @Option(
        name: .shortAndLong, help: "Write the page to this file (default: report.html in the folder).",
        completion: .file())
    var output: String?

    @Option(help: "How many of the least sure recordings are shown.")
    var show = 100

    @Flag(name: .shortAndLong, help: "No notes on standard error: only errors.")
    var quiet = false

    func validate() throws {
        guard (0...100_000).contains(show) else { throw ValidationError("--show \(show): give 0 to 100000.") }
    }

    func run() throws {
        let folder = BatchFolder(folder)
        let path = output ?? folder.report.text
        let page = BatchReportPage(report: try BatchReport(folder, shown: show), folder: self.folder, path: path)
        let html = try page.html()
        try AtomicFile.write(to: path) { try $0.append(html.utf8) }
        Logger.command(quiet: quiet).notice("\(OneLine.file(path))")
    }
}
