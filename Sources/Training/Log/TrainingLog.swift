import Corpora
import Foundation
import Messages

/// A log of JSON lines, each with its `event` and the `step` at which it was written.
final class TrainingLog {
    private let path: String
    private let handle: FileHandle

    private struct Line<Body: Encodable>: Encodable {
        let event: String
        let body: Body

        enum CodingKeys: String, CodingKey { case event }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(event, forKey: .event)
            try body.encode(to: encoder)
        }
    }

    /// - Parameter bytes: a log that is there goes on from here: what an interrupted run wrote after its last checkpoint is
    ///   dropped, since it will be written again. 0: begins anew.
    /// - Throws: ``DataError`` where it cannot be written.
    init(path: String, continuingAt bytes: Int) throws(DataError) {
        self.path = path
        do {
            if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(fileURLWithPath: path)) }
            handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            let end = try handle.seekToEnd()
            try handle.truncate(atOffset: min(UInt64(max(0, bytes)), end))
        } catch {
            throw DataError(path, "cannot be written", mend: "give another folder with --output")
        }
    }

    /// The number of bytes written so far.
    var bytes: Int { Int((try? handle.offset()) ?? 0) }

    deinit { try? handle.close() }

    /// Appends a line.
    /// - Throws: ``DataError`` where the disk is full.
    func write(_ event: String, _ body: some Encodable) throws(DataError) {
        do {
            try handle.write(contentsOf: Data((JSONLine.encode(Line(event: event, body: body)) + "\n").utf8))
        } catch {
            throw DataError(path, "cannot be written (is the disk full?)", mend: "make room, then go on with --resume")
        }
    }
}
