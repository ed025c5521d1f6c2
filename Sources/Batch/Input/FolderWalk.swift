import Files
import Foundation

/// A file that was found, or named.
package struct FoundFile {
    /// From the root of the disk: what the ledger knows it by.
    package var path: RawPath
    /// As it was named, or as the folder was in which it was found.
    package var name: RawPath
    /// Where its results belong in the output folder, its own ending included.
    package var mirrored: RawPath
    /// Bytes, see `stat.boundedSize`; -1 where there is no file.
    package var size: Int64
    /// Nanoseconds since 1970; 0 where there is no file.
    package var modified: Int64
    /// Whether it was named: one that was found and is no recording is no error.
    package var isNamed: Bool

    package init(path: RawPath, name: RawPath, mirrored: RawPath, status: stat?, isNamed: Bool) {
        (self.path, self.name, self.mirrored, self.isNamed) = (path, name, mirrored, isNamed)
        size = status?.boundedSize ?? -1
        modified = status?.modified ?? 0
    }
}

/// The files of a folder, in the order of their names' bytes.
///
/// Hidden files and folders are passed over, and so is what is neither file nor folder (a pipe would wait for a writer).
/// A folder is walked once, however many links lead to it, so that links in a circle come to an end; folders are walked
/// before links to folders, so that a file has the name of where it lies.
package struct FolderWalk {
    /// Whether folders in the folder are walked.
    let isRecursive: Bool
    /// A folder that is passed over: the one that results are written to.
    let excluded: FileIdentity?
    /// Folders that could not be read, and `errno`.
    package private(set) var problems: [(folder: RawPath, code: Int32)] = []
    /// Folders that were not walked because `isRecursive` is false.
    package private(set) var passedOver = 0
    private var walked: Set<FileIdentity> = []

    package init(isRecursive: Bool, excluding excluded: FileIdentity?) {
        (self.isRecursive, self.excluded) = (isRecursive, excluded)
    }

    private struct Folder {
        /// From the root of the disk.
        let path: RawPath
        let name: RawPath
        let mirrored: RawPath
    }

    /// Gives every file of a folder.
    package mutating func walk(_ root: RawPath, _ body: (FoundFile) throws -> Void) rethrows {
        var links = [Folder(path: root.absolute, name: root, mirrored: RawPath(""))][...]
        while let link = links.popFirst() {
            var folders = [link]
            while let folder = folders.popLast() {
                let inner = try visit(folder, body)
                folders += inner.folders.reversed()
                links += inner.links
            }
        }
    }

    private mutating func visit(
        _ folder: Folder, _ body: (FoundFile) throws -> Void
    ) rethrows -> (folders: [Folder], links: [Folder]) {
        guard let status = folder.path.status, let names = Self.names(in: folder.path) else {
            problems.append((folder.name, errno))
            return ([], [])
        }
        guard status.identity != excluded, walked.insert(status.identity).inserted else { return ([], []) }
        var (folders, links): ([Folder], [Folder]) = ([], [])
        for name in names {
            let path = folder.path.appending(name)
            let status = path.status
            if let status, status.isFolder {
                guard isRecursive else {
                    if status.identity != excluded { passedOver += 1 }
                    continue
                }
                let inner = Folder(
                    path: path, name: folder.name.appending(name), mirrored: folder.mirrored.appending(name))
                if Self.isLink(path) { links.append(inner) } else { folders.append(inner) }
            } else if status?.isFile ?? true {
                // A link that leads nowhere is a recording that is missing.
                try body(
                    FoundFile(
                        path: path, name: folder.name.appending(name), mirrored: folder.mirrored.appending(name),
                        status: status, isNamed: false))
            }
        }
        return (folders, links)
    }

    private static func isLink(_ path: RawPath) -> Bool {
        var status = stat()
        return lstat(path.cString, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// What is in a folder and not hidden, sorted; nil, with `errno`, where it cannot be read.
    private static func names(in folder: RawPath) -> [RawPath]? {
        guard let stream = opendir(folder.cString) else { return nil }
        defer { closedir(stream) }
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
        var names: [RawPath] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            // The name may be shorter than the field, and the entry end with it: it is read where it lies.
            let name = RawPath(
                cString: (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self))
            if name.bytes.first != RawPath.dot { names.append(name) }
        }
        return errno == 0 ? names.sorted() : nil
    }
}
