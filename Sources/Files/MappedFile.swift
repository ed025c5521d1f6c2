import Foundation

/// The bytes of a file, mapped into memory read-only: pages come from the disk when they are first touched.
///
/// A file that another process cuts short while it is mapped ends this process (SIGBUS), as with every reader that
/// maps. ``AtomicFile`` never does that: it puts a new file in the old one's place.
package final class MappedFile: @unchecked Sendable {
    // Unchecked: the pointer is not Sendable, but what it points to is never written and lives as long as this object.
    package let bytes: UnsafeRawBufferPointer

    /// The size in bytes.
    package var count: Int { bytes.count }

    /// - Throws: ``FileError`` where there is no ordinary file that can be read.
    package init(path: String) throws {
        // C would end the path there, and open another file.
        guard !path.utf8.contains(0) else { throw FileError.doesNotExist(path: path) }
        // Without O_NONBLOCK a pipe that nobody writes to would be waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError.reading(path, code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError.reading(path, code: errno) }
        guard status.isFile else {
            throw status.isFolder ? FileError.isFolder(path: path) : FileError.notAFile(path: path)
        }
        let size = Int(status.st_size)
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw FileError.reading(path, code: errno) }
        bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    deinit {
        if let address = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: address), bytes.count) }
    }

    /// Hands the bytes of a range, cut to those that the file has, to the body, for the time of the call.
    package func withBytes<Result>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
        -> Result
    {
        try withExtendedLifetime(self) {
            try body(UnsafeRawBufferPointer(rebasing: bytes[range.clamped(to: 0..<bytes.count)]))
        }
    }

    /// A copy of the bytes of a range, cut to those that the file has.
    package func copy(_ range: Range<Int>) -> [UInt8] { withBytes(range) { Array($0) } }
}
