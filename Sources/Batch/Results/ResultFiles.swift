import Files
import Foundation

/// Writes the files of many results so that each is whole or not there, also after a power cut: all are written under
/// other names, then brought to the disk, then renamed, then their folders are brought to the disk.
///
/// Waiting for the disk once for many files takes a fraction of the time that waiting for each takes.
struct ResultFiles {
    /// A folder on the same disk, for files that are not ready.
    let scratch: RawPath

    /// A file to be written.
    struct File {
        let path: RawPath
        let text: String
    }

    /// Writes files, which replace older ones of their names.
    /// - Returns: the files, by their place in `files`, that the disk has no place for because of their names, and
    ///   `errno`: that concerns them alone.
    /// - Throws: ``BatchError`` where something else is wrong; then some are there and others not, and none in part.
    func write(_ files: [File]) throws(BatchError) -> [Int: Int32] {
        var misnamed: [Int: Int32] = [:]
        // Each is open until it is on the disk, and a process may have few hundred open.
        for start in stride(from: 0, to: files.count, by: 128) {
            try write(files[start..<min(start + 128, files.count)], &misnamed)
        }
        return misnamed
    }

    private func write(_ files: ArraySlice<File>, _ misnamed: inout [Int: Int32]) throws(BatchError) {
        var open: [(descriptor: Int32, temporary: RawPath, place: Int)] = []
        defer {
            for file in open {
                close(file.descriptor)
                unlink(file.temporary.cString)
            }
        }
        for (place, file) in zip(files.indices, files) {
            let temporary = scratch.appending(RawPath("\(place - files.startIndex)"))
            let descriptor = Foundation.open(temporary.cString, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { throw .writing(file.path, code: errno) }
            open.append((descriptor, temporary, place))
            guard Descriptor.write(file.text, to: descriptor) else { throw .writing(file.path, code: errno) }
        }
        for file in open where fsync(file.descriptor) != 0 { throw .writing(files[file.place].path, code: errno) }
        var folders: [RawPath: Int32] = [:]
        for file in open {
            let path = files[file.place].path
            let folder = path.folder
            var code = folders[folder] ?? BatchFolder.make(folder)
            folders[folder] = code
            if code == 0, rename(file.temporary.cString, path.cString) != 0 { code = errno }
            switch code {
            case 0: break
            // Too long with the format's ending; in the place of a folder; in what is a file.
            case ENAMETOOLONG, EISDIR, ENOTDIR: misnamed[file.place] = code
            default: throw .writing(path, code: code)
            }
        }
        for (folder, code) in folders where code == 0 { folder.synchronise() }
    }
}
