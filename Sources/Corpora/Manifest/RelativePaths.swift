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
