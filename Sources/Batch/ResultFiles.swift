import Foundation
import Transcription

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
    /// - Throws: ``BatchError``; then some are there and others not, and none in part.
    func write(_ files: [File]) throws(BatchError) {
        // Each is open until it is on the disk, and a process may have few hundred open.
        for start in stride(from: 0, to: files.count, by: 128) {
            try write(files[start..<min(start + 128, files.count)])
        }
    }

    private func write(_ files: ArraySlice<File>) throws(BatchError) {
        var open: [(descriptor: Int32, temporary: RawPath, path: RawPath)] = []
        defer {
            for file in open {
                close(file.descriptor)
                unlink(file.temporary.cString)
            }
        }
        for (number, file) in files.enumerated() {
            let temporary = scratch.appending(RawPath("\(number)"))
            let descriptor = Foundation.open(temporary.cString, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { throw .writing(file.path, code: errno) }
            open.append((descriptor, temporary, file.path))
            try Self.write(file.text, to: descriptor, file.path)
        }
        for file in open where fsync(file.descriptor) != 0 { throw .writing(file.path, code: errno) }
        var folders: Set<RawPath> = []
        for file in open {
            let folder = file.path.folder
            if folders.insert(folder).inserted { try BatchFolder.make(folder) }
            guard rename(file.temporary.cString, file.path.cString) == 0 else {
                throw .writing(file.path, code: errno)
            }
        }
        // A folder that cannot be brought to the disk is no reason to fail.
        for folder in folders { Self.synchronise(folder) }
    }

    private static func write(_ text: String, to descriptor: Int32, _ path: RawPath) throws(BatchError) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw .writing(path, code: errno) }
            bytes = bytes.dropFirst(written)
        }
    }

    private static func synchronise(_ folder: RawPath) {
        let descriptor = open(folder.cString, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
