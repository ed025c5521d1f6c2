import Files
import Foundation

/// Paths as strings.
package enum FilePath {
    /// The folder of a file, `.` where the path does not say.
    package static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path as seen from a folder. The result is never `-`, which would stand for standard input.
    package static func resolve(_ path: String, from folder: String) -> String {
        if path.hasPrefix("/") { return path }
        return folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
    }

    /// The last part, without its ending.
    package static func stem(_ path: String) -> String {
        ((path as NSString).lastPathComponent as NSString).deletingPathExtension
    }

    package static func isFile(_ path: String) -> Bool {
        RawPath(path).status.map { !$0.isFolder } ?? false
    }

    package static func isFolder(_ path: String) -> Bool {
        RawPath(path).status?.isFolder ?? false
    }

    /// The absolute path without `.`, `..` and symbolic links in its folders, so that equal files have equal paths.
    package static func canonical(folder: String) -> String {
        if let resolved = realpath(folder, nil) {
            defer { free(resolved) }
            return String(cString: resolved)
        }
        return URL(fileURLWithPath: folder).standardizedFileURL.path
    }
}

/// Paths rewritten to be right from one folder. Folders are resolved once each.
package struct RelativePaths {
    private let base: [Substring]
    private var known: [String: String] = [:]

    package init(to folder: String) {
        base = FilePath.canonical(folder: folder).split(separator: "/")
    }

    /// The absolute path of a file.
    package mutating func absolute(_ path: String) -> String {
        let folder = FilePath.folder(of: path)
        let resolved = known[folder] ?? FilePath.canonical(folder: folder)
        known[folder] = resolved
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return resolved == "/" ? "/\(name)" : "\(resolved)/\(name)"
    }

    /// The path of a file from the folder.
    package mutating func path(of path: String) -> String {
        let target = absolute(path).split(separator: "/")
        let shared = zip(base, target).prefix { $0 == $1 }.count
        return ([Substring](repeating: "..", count: base.count - shared) + target[shared...]).joined(separator: "/")
    }
}
