import Files
import Foundation

/// Where recordings come from.
public enum BatchInput: Sendable {
    /// A folder, a file, or, where nothing is there, a pattern of the shell (`*`, `?`, `[a-z]`).
    case path(RawPath)
    /// A file with a path on each line, or a manifest: an object of JSON on each line that has `audio_filepath`. Paths in a
    /// list are from the working directory, those in a manifest from its folder. `-` is standard input.
    case list(RawPath)
}

/// The files that inputs name.
package struct InputFiles {
    /// Folders that could not be read, and `errno`.
    private(set) var problems: [(folder: RawPath, code: Int32)] = []
    /// Folders in folders that were not looked into.
    private(set) var foldersPassedOver = 0

    private let isRecursive: Bool
    private let output: FileIdentity?

    /// - Parameter output: the folder that results are written to, in which nothing is looked for.
    package init(isRecursive: Bool, output: FileIdentity?) { (self.isRecursive, self.output) = (isRecursive, output) }

    /// Gives every file of the inputs, in their order.
    /// - Throws: ``BatchError`` where an input names nothing or a list cannot be read; what `body` throws.
    package mutating func forEach(in inputs: [BatchInput], _ body: (FoundFile) throws -> Void) throws {
        for input in inputs {
            switch input {
            case .path(let path): try visit(path, body)
            case .list(let path):
                let list = try PathList(path)
                while let named = try list.next() { try body(file(named)) }
            }
        }
    }

    private mutating func visit(_ path: RawPath, _ body: (FoundFile) throws -> Void) throws {
        guard let status = path.status else {
            let code = errno
            let matches = Self.matches(path)
            if matches.isEmpty {
                throw Self.hasWildcard(path)
                    ? BatchError(path, "matches no file", mend: "check the pattern, and put it between quotation marks")
                    : BatchError.reading(path, code: code)
            }
            for match in matches {
                // What a pattern finds was not named: what is no recording is passed over.
                if match.status?.isFolder ?? false {
                    try walk(match, under: match.inward, body)
                } else {
                    var found = file(match)
                    found.isNamed = false
                    try body(found)
                }
            }
            return
        }
        if status.isFolder {
            if status.identity == output {
                throw BatchError(path, "is the output folder", mend: "give another with --output")
            }
            try walk(path, under: RawPath(""), body)
        } else {
            try body(file(path))
        }
    }

    private mutating func walk(
        _ folder: RawPath, under place: RawPath, _ body: (FoundFile) throws -> Void
    ) rethrows {
        var walk = FolderWalk(isRecursive: isRecursive, excluding: output)
        try walk.walk(folder) { found in
            var found = found
            found.mirrored = place.appending(found.mirrored)
            try body(found)
        }
        problems += walk.problems
        foldersPassedOver += walk.passedOver
    }

    private func file(_ name: RawPath) -> FoundFile {
        let status = name.status
        // A pipe or device is opened and read, if somebody names it.
        return FoundFile(path: name.absolute, name: name, mirrored: name.inward, status: status, isNamed: true)
    }

    private static func hasWildcard(_ path: RawPath) -> Bool {
        path.bytes.contains { "*?[".utf8.contains($0) }
    }

    private static func matches(_ pattern: RawPath) -> [RawPath] {
        guard hasWildcard(pattern) else { return [] }
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern.cString, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv?[$0].map { RawPath(cString: $0) } }.sorted()
    }
}

/// The paths of a list or manifest, one after the other.
package final class PathList {
    /// A line may have so many bytes.
    package static let longestLine = 1 << 20

    private let lines: LineSource
    private let source: RawPath
    private var number = 0

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
        let line: [UInt8]?
        do { line = try lines.next { Array($0) } } catch { throw BatchError.wrapping(error, source) }
        guard let line else { return nil }
        guard !lines.isTooLong else {
            throw BatchError(source, "has a line of more than \(Self.longestLine) bytes", mend: "give one path a line")
        }
        if line.isEmpty { return try next() }
        number += 1
        guard line.first == UInt8(ascii: "{") else { return RawPath(bytes: line) }
        guard let row = try? JSONDecoder().decode(Row.self, from: Data(line)), !row.path.isEmpty else {
            throw BatchError(
                source, "has no recording in line \(number)",
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
