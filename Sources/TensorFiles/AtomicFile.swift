import Foundation

/// A file under way: bytes go to a temporary neighbour, which takes the file's place when all are on the disk.
///
/// Whoever reads the path sees the old file or the whole new one, never a part, even after a crash.
package final class AtomicFile {
    private let path: String
    private let target: String
    /// Where both are, with a slash at the end.
    private let folder: String
    private let temporary: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private static let bufferSize = 1 << 16

    /// Writes what the body appends; where it throws, the path stays as it was.
    /// - Throws: ``TensorFileError``, or what the body throws.
    package static func write(to path: String, _ body: (AtomicFile) throws -> Void) throws {
        let file = try AtomicFile(path: path)
        defer { file.discard() }
        try body(file)
        try file.commit()
    }

    private init(path: String) throws {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw TensorFileError.inputOutput(path: path, reason: "this is no path")
        }
        self.path = path
        var status = stat()
        var mode: mode_t?
        if stat(path, &status) == 0 {
            // Renaming would put a file in the place of /dev/null, were it asked to.
            switch status.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR: throw TensorFileError.isFolder(path: path)
            default: throw TensorFileError.notAFile(path: path)
            }
            guard access(path, W_OK) == 0 else { throw TensorFileError.writing(path, code: errno) }
            mode = status.st_mode & 0o777
            // A symbolic link stays one: the file that it leads to is replaced.
            guard let resolved = realpath(path, nil) else { throw TensorFileError.writing(path, code: errno) }
            target = String(cString: resolved)
            free(resolved)
        } else {
            target = path
        }
        if let slash = target.utf8.lastIndex(of: UInt8(ascii: "/")) {
            folder = String(target[...slash])
        } else {
            folder = "./"
        }
        temporary = "\(folder).utter-\(String(UInt64.random(in: 0 ... .max), radix: 16)).tmp"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o666))
        guard descriptor >= 0 else { throw TensorFileError.writing(path, code: errno) }
        if let mode { fchmod(descriptor, mode) }
        buffer.reserveCapacity(Self.bufferSize)
    }

    /// Appends bytes, through a buffer.
    package func append(_ bytes: some Collection<UInt8>) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Appends integers, least significant byte first.
    func append<Word: FixedWidthInteger & BitwiseCopyable>(words: [Word]) throws {
        try flush()
        // On the usual little-endian machines the array is what the file holds; the other branch makes a copy.
        let stored = Word(littleEndian: 1) == 1 ? words : words.map(\.littleEndian)
        try stored.withUnsafeBytes { try put($0) }
    }

    /// Appends floats, least significant byte first.
    func append(floats: [Float]) throws {
        guard UInt16(littleEndian: 1) == 1 else { return try append(words: floats.map(\.bitPattern)) }
        try flush()
        try floats.withUnsafeBytes { try put($0) }
    }

    private func flush() throws {
        try buffer.withUnsafeBytes { try put($0) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
            let written = Foundation.write(descriptor, start, rest.count)
            if written < 0 {
                guard errno == EINTR else { throw TensorFileError.writing(path, code: errno) }
            } else {
                rest = rest.dropFirst(written)
            }
        }
    }

    private func commit() throws {
        try flush()
        guard fsync(descriptor) == 0 else { throw TensorFileError.writing(path, code: errno) }
        let closed = close(descriptor)
        descriptor = -1
        // Some network disks notice only now that they are full.
        guard closed == 0, rename(temporary, target) == 0 else {
            let code = errno
            unlink(temporary)
            throw TensorFileError.writing(path, code: code)
        }
        // The new name is in the folder's own data. A folder that cannot be synchronised is no reason to fail.
        let folderDescriptor = open(folder, O_RDONLY | O_CLOEXEC)
        if folderDescriptor >= 0 {
            fsync(folderDescriptor)
            close(folderDescriptor)
        }
    }

    private func discard() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporary)
        descriptor = -1
    }
}
