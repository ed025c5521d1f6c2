import Files
import Foundation

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
