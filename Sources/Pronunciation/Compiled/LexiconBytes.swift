import Files
import TensorFiles

/// The bytes of a compiled lexicon: a mapped file, or memory of their own.
///
/// Unchecked: the pointer is not Sendable, but what it points to is never written and lives as long as this object.
final class LexiconBytes: @unchecked Sendable {
    let all: UnsafeRawBufferPointer
    private let file: MappedFile?

    /// - Throws: `FileError` where there is no ordinary file that can be read.
    init(path: String) throws {
        let file = try MappedFile(path: path)
        (self.file, all) = (file, file.bytes)
    }

    init(copying bytes: [UInt8]) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        memory.copyBytes(from: bytes)
        (file, all) = (nil, UnsafeRawBufferPointer(memory))
    }

    deinit { if file == nil { all.deallocate() } }

    /// The bytes of a range that lies within them.
    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: all[range]) }
}

/// Reads bytes one after the other and stops at the end, whatever the lengths in them say.
struct ByteCursor {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int

    init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
        self.bytes = bytes
        self.offset = min(max(0, offset), bytes.count)
    }

    var isAtEnd: Bool { offset == bytes.count }

    @inline(__always)
    mutating func byte() -> Int? {
        guard offset < bytes.count else { return nil }
        defer { offset += 1 }
        return Int(bytes[offset])
    }

    /// The next so many bytes.
    @inline(__always)
    mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count <= bytes.count - offset else { return nil }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }
}
