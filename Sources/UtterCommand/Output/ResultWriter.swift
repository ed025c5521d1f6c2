import Files
import Foundation
import Messages
import UtterTraining

/// Writes lines of results to standard output or a file, each as soon as it is there: what is done is not lost when a
/// long run is stopped.
final class ResultWriter {
    /// A result that could not be written.
    struct Failure: UtterError {
        let fault: Fault

        init(_ error: FileError) { fault = error.fault }

        init(path: String?, _ code: Int32) {
            fault = Fault(
                .inputOutput, path, "cannot be written (\(FileError.words(of: code)))",
                remedy: "give another place with --output", name: path == nil ? "standard output" : nil)
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
        let own = RawPath(path).status
        for input in inputs where own != nil && own?.identity == RawPath(input).status?.identity {
            close(descriptor)
            throw CommandError("\(OneLine.quoted(path, limit: .max)) is also read: give another place with --output")
        }
        if own?.isFile == true, ftruncate(descriptor, 0) != 0 { throw Failure(path: path, errno) }
    }

    deinit { if path != nil { close(descriptor) } }

    func write(_ line: String) throws { try write(text: line + "\n") }

    /// Writes text that has its line ends.
    func write(text: String) throws {
        guard Descriptor.write(text, to: descriptor) else { throw Failure(path: path, errno) }
    }

    /// Refuses a path that leads to one of the inputs.
    /// - Parameter option: the one that names another place.
    static func refuse(_ path: String, toReplace inputs: [String], option: String = "--output-dir") throws {
        guard let own = RawPath(path).status?.identity else { return }
        for input in inputs where own == RawPath(input).status?.identity {
            throw CommandError(
                "\(OneLine.quoted(path, limit: .max)) would be replaced, and is also read: give another \(option)")
        }
    }
}
