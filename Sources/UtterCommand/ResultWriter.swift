import Foundation
import Messages
import Utter

/// Writes lines of results to standard output or a file, each as soon as it is there: what is done is not lost when a
/// long run is stopped.
final class ResultWriter {
    /// A result that could not be written.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }

        init(path: String?, _ code: Int32) {
            let reason = String(cString: strerror(code))
            let name = path.map { OneLine.quoted($0, limit: .max) } ?? "standard output"
            description = "\(name) cannot be written (\(reason)): give another place with --output"
        }
    }

    private let path: String?
    private let descriptor: Int32

    /// - Parameters:
    ///   - path: nil for standard output; a file that exists is replaced.
    ///   - inputs: files that must not be replaced, because they are yet to be read.
    init(path: String?, inputs: [String] = []) throws {
        self.path = path
        guard let path else {
            descriptor = STDOUT_FILENO
            return
        }
        // Cut to nothing only when it is known to be none of the inputs, under whatever name.
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw Failure(path: path, errno) }
        let own = Self.identity { fstat(descriptor, &$0) }
        for input in inputs where own != nil && own == Self.identity({ stat(input, &$0) }) {
            close(descriptor)
            throw CommandError("\(OneLine.quoted(path, limit: .max)) is also read: give another place with --output")
        }
        if own?.isFile == true, ftruncate(descriptor, 0) != 0 { throw Failure(path: path, errno) }
    }

    deinit { if path != nil { close(descriptor) } }

    func write(_ line: String) throws { try write(text: line + "\n") }

    /// Writes text that has its line ends.
    func write(text: String) throws {
        guard Standard.write(text, to: descriptor) else { throw Failure(path: path, errno) }
    }

    /// Refuses a path that leads to one of the inputs.
    /// - Parameter option: the one that names another place.
    static func refuse(_ path: String, toReplace inputs: [String], option: String = "--output-dir") throws {
        guard let own = identity({ stat(path, &$0) }) else { return }
        for input in inputs where own == identity({ stat(input, &$0) }) {
            throw CommandError(
                "\(OneLine.quoted(path, limit: .max)) would be replaced, and is also read: give another \(option)")
        }
    }

    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t
        let isFile: Bool
    }

    private static func identity(_ ask: (inout stat) -> Int32) -> Identity? {
        var status = stat()
        guard ask(&status) == 0 else { return nil }
        return Identity(device: status.st_dev, inode: status.st_ino, isFile: status.st_mode & S_IFMT == S_IFREG)
    }
}
