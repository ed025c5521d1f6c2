import Files
import Foundation

/// The paths of a list or manifest, one after the other.
package final class PathList {
    /// A line may have so many bytes.
    package static let longestLine = 1 << 20

    private let lines: LineSource
    private let source: RawPath

    package init(_ path: RawPath) throws(BatchError) {
        source = path
        do { lines = try LineSource(path, nuls: .endingLines, longest: Self.longestLine) } catch {
            throw BatchError.wrapping(error, path)
        }
    }

    /// Whether a path can be had without waiting.
    var hasMore: Bool { lines.hasMore }

    /// The next path, right from the working directory; nil after the last.
    /// - Throws: ``BatchError`` where a line is an object of JSON and names no recording, or is too long to be the name of a file.
    package func next() throws(BatchError) -> RawPath? {
        var found: [UInt8]?
        repeat {
            do { found = try lines.next { Array($0) } } catch { throw BatchError.wrapping(error, source) }
        } while found?.isEmpty ?? false && !lines.isTooLong
        guard let line = found else { return nil }
        guard !lines.isTooLong else {
            throw BatchError(source, "has a line of more than \(Self.longestLine) bytes", mend: "give one path a line")
        }
        guard line.first == UInt8(ascii: "{") else { return RawPath(bytes: line) }
        guard let row = try? JSONDecoder().decode(Row.self, from: Data(line)), !row.path.isEmpty else {
            throw BatchError(
                source, "has no recording in line \(lines.number)",
                mend: "give a path on each line, or an object of JSON that has 'audio_filepath'")
        }
        let path = RawPath(row.path)
        return path.bytes.first == RawPath.slash ? path : source.folder.appending(path)
    }

    private struct Row: Decodable {
        let path: String
        enum CodingKeys: String, CodingKey { case path = "audio_filepath" }
    }
}
