import ArgumentParser
import Batch
import Foundation
import Messages

/// `utter batch status`: how a run stands.
struct BatchStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the runs on an output folder stand.",
        discussion: """
            Example:
              utter batch audio --output texts && utter batch status texts

            It may be asked at any time, also while a run is under way, and by whoever may read the folder.
            """)

    @Argument(help: "The output folder of the runs.", completion: .directory)
    var folder: String

    func run() throws {
        let status = try BatchStatus(BatchFolder(folder))
        for model in status.models {
            let options = model.options == "{}" ? "" : ", options \(model.options)"
            let name = "\(OneLine.escaped(model.name)) (\(model.fingerprint))\(options)"
            try Standard.output("model        \(name): \(Grouped.text(model.recordings)) done")
        }
        let counts = status.counts
        let underWay = counts.working > 0 ? ", \(Grouped.text(counts.working)) of them under way" : ""
        try Standard.output("done         \(Grouped.text(counts.done)), \(Clock.audio(counts.seconds))")
        try Standard.output("to do        \(Grouped.text(counts.todo))\(underWay)")
        try Standard.output("failed       \(Grouped.text(counts.failed))")
        for (kind, count) in status.kinds { try Standard.output("  \(Grouped.text(count)) x \(kind)") }
        if counts.damaged > 0 {
            try Standard.output("damaged      \(Grouped.text(counts.damaged)), done as far as they go")
        }
        if counts.others > 0 {
            try Standard.output("passed over  \(Grouped.text(counts.others)) files that are no recordings")
        }
        for part in status.parts {
            guard let shard = part.shard else { continue }
            try Standard.output(
                "shard \(shard): \(part.counts.done) done, \(part.counts.todo) to do, \(part.counts.failed) failed")
        }
        if status.isBehindShards {
            try Standard.output("shards       have gone on since they were merged: utter batch merge")
        }
    }
}
