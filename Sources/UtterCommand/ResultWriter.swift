import Foundation
import Messages
import Utter

/// Writes lines of results to standard output or a file, each as soon as it is there: what is done is not lost when a
/// long run is stopped.
final class ResultWriter {
    /// A result that could not be written.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(path: String?, _ code: Int32) {
            let reason = String(cString: strerror(code))
            let name = path.map { OneLine.quoted($0, limit: .max) } ?? "standard output"
            description = "\(name) cannot be written (\(reason)): give another place with --output"
        }
    }

    private let path: String?
    private let descriptor: Int32

    /// - Parameter path: nil for standard output; a file that exists is replaced.
    init(path: String?) throws {
        self.path = path
        guard let path else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw Failure(path: path, errno) }
    }

    deinit { if path != nil { close(descriptor) } }

    func write(_ line: String) throws {
        var bytes = Array((line + "\n").utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                throw Failure(path: path, errno)
            }
            bytes = bytes.dropFirst(written)
        }
    }
}

/// One object of JSON on one line, its keys in alphabetical order.
enum JSONLine {
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
