import Files
import Foundation
import Messages

/// An open descriptor that can be read at any place: a file on disk, or a copy on disk of what came through a pipe.
///
/// The file is opened once and asked through its descriptor from then on, so what was checked is what is read.
final class SourceFile {
    let path: String
    /// The bytes in the file when it was opened.
    let length: Int
    /// Came through standard input or a pipe, whose writer cannot go back to finish a header.
    let isStream: Bool
    let descriptor: Int32

    /// - Throws: `doesNotExist`, `isFolder`, `isDevice`, `notReadable`, `empty`, `inputOutput`.
    convenience init(path: String) throws(AudioError) {
        let isStandardInput = StandardStream.isNamed(by: path)
        let opened = isStandardInput ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : try Self.open(path)
        guard opened >= 0 else { throw .inputOutput(path: path, reason: FileError.words(of: errno)) }
        try self.init(descriptor: opened, path: path, isStandardInput: isStandardInput)
    }

    /// - Parameters:
    ///   - opened: belongs to this object from here on, also where it throws.
    ///   - path: how messages name it.
    /// - Throws: `isFolder`, `isDevice`, `empty`, `inputOutput`.
    init(descriptor opened: Int32, path: String, isStandardInput: Bool = false) throws(AudioError) {
        let status: stat
        var kept: Int32
        do throws(AudioError) {
            status = try Self.status(of: opened, path: path)
            kept = opened
            let type = status.st_mode & S_IFMT
            if type == S_IFDIR { throw .isFolder(path: path) }
            // A device such as /dev/zero has no end; a terminal has one.
            if type == S_IFBLK || type == S_IFCHR && isatty(opened) == 0 && !Self.isEmpty(status) {
                throw .isDevice(path: path)
            }
            // Standard input that somebody has already read from starts in the middle of a file: a stream too.
            if type != S_IFREG || (isStandardInput && lseek(opened, 0, SEEK_CUR) != 0) {
                kept = try Self.spool(opened, path: path)
            }
        } catch {
            close(opened)
            throw error
        }

        self.path = path
        descriptor = kept
        isStream = isStandardInput || kept != opened
        if kept != opened {
            close(opened)
            length = Int(lseek(kept, 0, SEEK_END))
            lseek(kept, 0, SEEK_SET)
        } else {
            length = Int(status.st_size)
        }
        // From here on every property is set, so a throw runs deinit, which closes the descriptor.
        if length <= 0 { throw .empty(path: path) }
    }

    deinit { close(descriptor) }

    /// Reads at a place without moving the descriptor; fewer bytes than asked for only at the end or on an error.
    func read(_ target: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        guard offset >= 0 else { return 0 }
        var done = 0
        while done < target.count {
            let place = target.baseAddress.map { $0 + done }
            let count = Descriptor.read(
                descriptor, into: UnsafeMutableRawBufferPointer(start: place, count: target.count - done),
                at: offset + done)
            guard count > 0 else { break }
            done += count
        }
        return done
    }

    /// At most `count` bytes from a place; shorter where the file ends.
    func bytes(at offset: Int, count: Int) -> [UInt8] {
        guard offset >= 0, offset < length, count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: min(count, length - offset)) { buffer, filled in
            filled = read(UnsafeMutableRawBufferPointer(buffer), at: offset)
        }
    }

    /// Back to the start, for those who read from where the descriptor stands.
    func rewind() { lseek(descriptor, 0, SEEK_SET) }

    private static func open(_ path: String) throws(AudioError) -> Int32 {
        // C would cut the path at a NUL and open another file.
        guard !path.isEmpty, !path.utf8.contains(0) else { throw .doesNotExist(path: path) }
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor < 0 else { return descriptor }
        switch errno {
        case ENOENT, ENOTDIR: throw .doesNotExist(path: path)
        case EACCES, EPERM: throw .notReadable(path: path)
        case let code: throw .inputOutput(path: path, reason: FileError.words(of: code))
        }
    }

    /// Whether a device is the one that is always empty.
    private static func isEmpty(_ device: stat) -> Bool {
        RawPath("/dev/null").status?.st_rdev == device.st_rdev
    }

    private static func status(of descriptor: Int32, path: String) throws(AudioError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .inputOutput(path: path, reason: FileError.words(of: errno))
        }
        return status
    }

    /// Copies a stream to a temporary file that has no name any more, and returns that file's descriptor.
    private static func spool(_ stream: Int32, path: String) throws(AudioError) -> Int32 {
        let name = FileManager.default.temporaryDirectory.appendingPathComponent("utter-XXXXXX").path
        var template = Array(name.utf8CString)
        let spool = mkstemp(&template)
        guard spool >= 0 else {
            throw .inputOutput(path: path, reason: "temporary file: " + FileError.words(of: errno))
        }
        unlink(template)
        do throws(AudioError) {
            try copy(stream, to: spool, path: path)
        } catch {
            close(spool)
            throw error
        }
        return spool
    }

    private static func copy(_ stream: Int32, to spool: Int32, path: String) throws(AudioError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = buffer.withUnsafeMutableBytes { Descriptor.read(stream, into: $0) }
            guard count >= 0 else { throw .inputOutput(path: path, reason: FileError.words(of: errno)) }
            guard count > 0 else { return }
            let isWritten = buffer.withUnsafeBytes {
                Descriptor.write(UnsafeRawBufferPointer(rebasing: $0[..<count]), to: spool)
            }
            guard isWritten else {
                throw .inputOutput(path: path, reason: "copy to the temporary folder: " + FileError.words(of: errno))
            }
        }
    }
}
