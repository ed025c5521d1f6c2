import Foundation
import Text

/// The lines of a UTF-8 text file, one after the other, in memory that does not grow with the file.
///
/// A byte order mark at the start and carriage returns before line ends are dropped. A line that is not UTF-8, or is
/// absurdly long, is given as a problem, so that the lines after it can still be read.
package final class TextLines {
    package struct Line {
        /// Counted from 1.
        package let number: Int
        /// The text, or what is wrong with it.
        package let content: Result<String, Problem>
    }

    package struct Problem: Error, Equatable {
        package let reason: String
    }

    package static let longestLine = 16 << 20
    private static let blockSize = 1 << 16

    package let path: String
    /// Whether the file began with a byte order mark.
    private(set) var hadByteOrderMark = false
    /// Lines that ended in CR LF.
    private(set) var carriageReturns = 0

    private let descriptor: Int32
    private var block: [UInt8] = []
    private var position = 0
    private var number = 0
    private var hasEnded = false

    package init(path: String) throws(DataError) {
        self.path = path
        descriptor = path.utf8.contains(0) ? -1 : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.error(path, path.utf8.contains(0) ? ENOENT : errno) }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { throw Self.error(path, EISDIR) }
        try fill()
        if let problem = FileBeginning.problem(block) {
            throw DataError(path, "cannot be used, \(problem.reason)", mend: problem.mend)
        }
        if block.starts(with: [0xef, 0xbb, 0xbf]) {
            hadByteOrderMark = true
            position = 3
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The next line without its end; nil after the last.
    package func next() throws(DataError) -> Line? {
        var bytes: [UInt8] = []
        var isTooLong = false
        var isComplete = false
        while !isComplete {
            if position == block.count {
                try fill()
                if hasEnded { break }
            }
            let end = block[position...].firstIndex(of: UInt8(ascii: "\n"))
            let part = block[position..<(end ?? block.count)]
            position = end.map { $0 + 1 } ?? block.count
            isComplete = end != nil
            if bytes.count + part.count > Self.longestLine {
                isTooLong = true
                bytes.removeAll()
            } else if !isTooLong {
                bytes += part
            }
        }
        guard isComplete || !bytes.isEmpty || isTooLong else { return nil }
        number += 1
        if bytes.last == UInt8(ascii: "\r") {
            bytes.removeLast()
            carriageReturns += 1
        }
        if isTooLong {
            return Line(number: number, content: .failure(Problem(reason: "longer than \(Self.longestLine) bytes")))
        }
        guard let text = String(bytes: bytes, encoding: .utf8) else {
            return Line(number: number, content: .failure(Problem(reason: "not UTF-8 text")))
        }
        return Line(number: number, content: .success(text))
    }

    /// Reads the next block, when the last one is used up.
    private func fill() throws(DataError) {
        position = 0
        var buffer = [UInt8](repeating: 0, count: Self.blockSize)
        var count = -1
        repeat {
            count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw Self.error(path, errno) }
        block = Array(buffer[..<count])
        hasEnded = count == 0
    }

    private static func error(_ path: String, _ code: Int32) -> DataError {
        switch code {
        case ENOENT, ENOTDIR: DataError(path, "does not exist", mend: "check the path")
        case EISDIR: DataError(path, "is a folder", mend: "name a file in it")
        case EACCES, EPERM: DataError(path, "may not be read by this user", mend: "change its permissions")
        default: DataError(path, "cannot be read (\(String(cString: strerror(code))))", mend: "check the disk")
        }
    }
}
