import Foundation

/// A stretch of a file, read through a buffer that moves along: for walks over headers from front to end.
final class ByteWindow {
    /// Where the stretch ends, in bytes from the start of the file.
    let end: Int

    private let file: SourceFile
    private var buffer: [UInt8] = []
    private var start = 0
    private static let size = 1 << 16

    init(_ file: SourceFile, end: Int? = nil) {
        self.file = file
        self.end = min(end ?? file.length, file.length)
    }

    /// Gives bytes to a body, without copying them.
    /// - Returns: nil where the stretch does not hold them all.
    func with<R>(_ count: Int, at offset: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R? {
        guard offset >= 0, count >= 0, count <= end - min(offset, end) else { return nil }
        if offset < start || offset + count > start + buffer.count {
            buffer = file.bytes(at: offset, count: max(Self.size, count))
            start = offset
            guard count <= buffer.count else { return nil }
        }
        return buffer.withUnsafeBytes { bytes in
            body(UnsafeRawBufferPointer(rebasing: bytes[(offset - start)..<(offset - start + count)]))
        }
    }

    /// Bytes, copied; fewer where the stretch ends.
    func bytes(_ count: Int, at offset: Int) -> [UInt8] {
        with(max(0, min(count, end - offset)), at: offset) { Array($0) } ?? []
    }

    /// Whether a text stands at a place.
    func has(_ text: StaticString, at offset: Int) -> Bool {
        with(text.utf8CodeUnitCount, at: offset) { bytes in
            bytes.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        } ?? false
    }

    /// Four bytes as a number, the high byte first.
    func word(at offset: Int) -> UInt32? {
        with(4, at: offset) { $0.reduce(0) { $0 << 8 | UInt32($1) } }
    }

    /// The first place from `offset` on, below `limit`, where a byte stands; nil where there is none.
    func first(_ byte: UInt8, from offset: Int, below limit: Int) -> Int? {
        var place = offset
        while place < min(limit, end) {
            let count = min(min(limit, end) - place, 4_096)
            if let found = with(count, at: place, { $0.firstIndex(of: byte) }) ?? nil { return place + found }
            place += count
        }
        return nil
    }
}

extension UnsafeRawBufferPointer {
    /// Where a text stands first, from a place on; nil where it does not.
    func first(_ text: StaticString, from start: Int = 0) -> Int? {
        let text = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard let base = baseAddress, let letter = text.first else { return nil }
        var place = start
        while place + text.count <= count, let hit = memchr(base + place, Int32(letter), count - place) {
            place = UnsafeRawPointer(hit) - base
            if place + text.count <= count, self[place..<place + text.count].elementsEqual(text) { return place }
            place += 1
        }
        return nil
    }
}
