import Foundation

/// A file under way: bytes go to a temporary neighbour, which takes the file's place when all are on the disk, so that
/// nobody sees a part of a model. `-` is standard output, and devices are written directly.
final class OutputFile {
    private let path: String
    private let temporary: String?
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private static let bufferSize = 1 << 18

    /// Writes what the body appends; where it throws, the path stays as it was.
    /// - Throws: ``LanguageModelError``, or what the body throws.
    static func write(to path: String, _ body: (OutputFile) throws -> Void) throws {
        let file = try OutputFile(path: path)
        do {
            try body(file)
            try file.commit()
        } catch {
            file.discard()
            throw error
        }
    }

    private init(path: String) throws {
        self.path = path
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw LanguageModelError.unwritable(path: path, reason: "this is no path")
        }
        var status = stat()
        let exists = stat(path, &status) == 0
        let kind = status.st_mode & S_IFMT
        if path == "-" {
            temporary = nil
            descriptor = dup(STDOUT_FILENO)
        } else if exists, kind == S_IFDIR {
            throw LanguageModelError.unwritable(path: path, reason: "it is a folder")
        } else if exists, kind != S_IFREG {
            // Renaming would put a file in the place of /dev/null, were it asked to.
            temporary = nil
            descriptor = open(path, O_WRONLY | O_CLOEXEC)
        } else {
            guard !exists || access(path, W_OK) == 0 else { throw LanguageModelError.writing(path, code: errno) }
            let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? "./"
            let name = "\(folder).utter-\(String(UInt64.random(in: 0 ... .max), radix: 16)).tmp"
            temporary = name
            descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, exists ? status.st_mode & 0o777 : 0o666)
        }
        guard descriptor >= 0 else { throw LanguageModelError.writing(path, code: errno) }
        buffer.reserveCapacity(Self.bufferSize)
    }

    /// Appends bytes, through a buffer.
    func append(_ bytes: some Collection<UInt8>) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Appends text.
    func append(_ text: String) throws { try append(text.utf8) }

    private func flush() throws {
        try buffer.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress
                let written = Foundation.write(descriptor, start, rest.count)
                if written >= 0 {
                    rest = rest.dropFirst(written)
                } else if errno != EINTR {
                    throw LanguageModelError.writing(path, code: errno)
                }
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func commit() throws {
        try flush()
        if temporary != nil, fsync(descriptor) != 0 { throw LanguageModelError.writing(path, code: errno) }
        let closed = close(descriptor)
        descriptor = -1
        guard closed == 0 else { throw LanguageModelError.writing(path, code: errno) }
        if let temporary, rename(temporary, path) != 0 { throw LanguageModelError.writing(path, code: errno) }
    }

    private func discard() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        if let temporary { unlink(temporary) }
    }
}
