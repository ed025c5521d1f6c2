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
