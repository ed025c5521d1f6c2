import Files
import Foundation

/// The lines of a UTF-8 text file (plain, or compressed with gzip or xz) or of standard input (`-`), one after the other, in memory
/// that does not grow with the file.
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

        package init(reason: String) { self.reason = reason }
    }

    package static let longestLine = 16 << 20

    package let path: String
    private let source: LineSource

    package init(path: String) throws(DataError) {
        self.path = path
        do { source = try LineSource(path: path, nuls: .kept, longest: Self.longestLine) } catch {
            throw DataError(wrapping: error, path)
        }
    }

    /// The next line without its end; nil after the last.
    package func next() throws(DataError) -> Line? {
        do {
            return try source.next { bytes in
                Line(number: source.number, content: Self.content(bytes, isTooLong: source.isTooLong))
            }
        } catch {
            throw DataError(wrapping: error, path)
        }
    }

    private static func content(_ bytes: UnsafeRawBufferPointer, isTooLong: Bool) -> Result<String, Problem> {
        if isTooLong { return .failure(Problem(reason: "longer than \(longestLine) bytes")) }
        guard let text = String(bytes: bytes, encoding: .utf8) else {
            return .failure(Problem(reason: "not UTF-8 text"))
        }
        return .success(text)
    }
}
