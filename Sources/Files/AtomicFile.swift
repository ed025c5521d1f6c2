import Foundation
import Messages

/// A file under way: bytes go to a temporary neighbour, which takes the file's place when all are on the disk.
///
/// Whoever reads the path sees the old file or the whole new one, never a part, even after a crash. A symbolic link stays
/// one: the file that it leads to is replaced.
package final class AtomicFile {
    private let path: String
    private let target: RawPath
    /// Nil where bytes go straight to a stream.
    private let temporary: RawPath?
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private static let bufferSize = 1 << 16

    /// Writes what the body appends; where it throws, the path stays as it was.
    /// - Parameter allowingStreams: `-` is standard output, and devices and pipes are written to directly; else they are
    ///   refused.
    /// - Throws: ``FileError``, or what the body throws.
    package static func write(
        to path: String, allowingStreams: Bool = false, _ body: (AtomicFile) throws -> Void
    ) throws {
        let file = try AtomicFile(path: path, allowingStreams)
        defer { file.discard() }
        try body(file)
        try file.commit()
    }

    private init(path: String, _ allowingStreams: Bool) throws {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw FileError.inputOutput(path: path, reason: "this is no path")
        }
        self.path = path
        let raw = RawPath(path)
        let isStandard = allowingStreams && StandardStream.isNamed(by: path)
        let status = isStandard ? nil : raw.status
        if status?.isFolder ?? false { throw FileError.isFolder(path: path) }
        // Renaming would put a file in the place of /dev/null, were it asked to.
        let isStream = isStandard || !(status?.isFile ?? true)
        guard !isStream || allowingStreams else { throw FileError.notAFile(path: path) }
        if isStream {
            (target, temporary) = (raw, nil)
            descriptor =
                isStandard ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0) : open(raw.cString, O_WRONLY | O_CLOEXEC)
        } else {
            if status != nil {
                guard access(raw.cString, W_OK) == 0, let resolved = realpath(raw.cString, nil) else {
                    throw FileError.writing(path, code: errno)
                }
                target = RawPath(cString: resolved)
                free(resolved)
            } else {
                target = raw
            }
            let name = target.folder.appending(
                RawPath(".utter-\(String(UInt64.random(in: 0 ... .max), radix: 16)).tmp"))
            temporary = name
            descriptor = open(name.cString, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o666))
        }
        guard descriptor >= 0 else { throw FileError.writing(path, code: errno) }
        if let status, temporary != nil { fchmod(descriptor, status.st_mode & 0o777) }
        buffer.reserveCapacity(Self.bufferSize)
    }

    /// Appends bytes, through a buffer.
    package func append(_ bytes: some Collection<UInt8>) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Appends text.
    package func append(_ text: String) throws { try append(text.utf8) }

    /// Appends integers, least significant byte first.
    package func append<Word: FixedWidthInteger & BitwiseCopyable>(words: [Word]) throws {
        try flush()
        // On the usual little-endian machines the array is what the file holds; the other branch makes a copy.
        let stored = Word(littleEndian: 1) == 1 ? words : words.map(\.littleEndian)
        try stored.withUnsafeBytes { try put($0) }
    }

    /// Appends floats, least significant byte first.
    package func append(floats: [Float]) throws {
        guard UInt16(littleEndian: 1) == 1 else { return try append(words: floats.map(\.bitPattern)) }
        try flush()
        try floats.withUnsafeBytes { try put($0) }
    }

    private func flush() throws {
        try buffer.withUnsafeBytes { try put($0) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws {
        guard Descriptor.write(bytes, to: descriptor) else { throw FileError.writing(path, code: errno) }
    }

    private func commit() throws {
        try flush()
        guard temporary == nil || fsync(descriptor) == 0 else { throw FileError.writing(path, code: errno) }
        let closed = close(descriptor)
        descriptor = -1
        // Some network disks notice only now that they are full.
        guard closed == 0, temporary.map({ rename($0.cString, target.cString) }) ?? 0 == 0 else {
            let code = errno
            if let temporary { unlink(temporary.cString) }
            throw FileError.writing(path, code: code)
        }
        if temporary != nil { target.folder.synchronise() }
    }

    private func discard() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        if let temporary { unlink(temporary.cString) }
        descriptor = -1
    }
}
