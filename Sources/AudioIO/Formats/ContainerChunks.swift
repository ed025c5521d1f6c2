/// How a family of containers lays out its chunks: name, size, body, one after the other.
struct ContainerChunks {
    let idBytes: Int
    let sizeBytes: Int
    let isBigEndian: Bool
    let alignment: Int
    var sizeCountsHeader = false

    static func riff(isBigEndian: Bool) -> Self {
        Self(idBytes: 4, sizeBytes: 4, isBigEndian: isBigEndian, alignment: 2)
    }
    static let aiff = Self(idBytes: 4, sizeBytes: 4, isBigEndian: true, alignment: 2)
    static let wave64 = Self(idBytes: 16, sizeBytes: 8, isBigEndian: false, alignment: 8, sizeCountsHeader: true)
    static let coreAudio = Self(idBytes: 4, sizeBytes: 8, isBigEndian: true, alignment: 1)

    struct Chunk {
        /// The first four characters of the name.
        let id: String
        /// Where the body starts, in bytes from the start of the file.
        let body: Int
        /// Of the body as stated, in bytes.
        let size: UInt64
        /// Where the next chunk begins; the end of the file at the latest.
        let next: Int
    }

    /// The chunks whose headers lie within the file. A file of very many chunks is no recording: 10 000 are looked at.
    func walk(_ file: SourceFile, from start: Int) -> some Sequence<Chunk> {
        sequence(state: start) { offset -> Chunk? in
            guard let chunk = chunk(file, at: offset) else { return nil }
            offset = chunk.next
            return chunk
        }
        .prefix(10_000)
    }

    /// The chunk whose header stands at a place; nil where the file ends.
    func chunk(_ file: SourceFile, at offset: Int) -> Chunk? {
        let header = file.bytes(at: offset, count: idBytes + sizeBytes)
        guard header.count == idBytes + sizeBytes else { return nil }
        var size = header.integer(at: idBytes, count: sizeBytes, isBigEndian: isBigEndian)
        if sizeCountsHeader { size = size < UInt64(header.count) ? 0 : size - UInt64(header.count) }
        let body = offset + header.count
        // Sizes beyond the file end the walk at the next step, without overflow.
        let end = body + Int(min(size, UInt64(file.length)))
        return Chunk(
            id: header.text(at: 0), body: body, size: size, next: (end + alignment - 1) / alignment * alignment)
    }

    /// Whether what follows is a row of chunks up to the end of the file, rather than sound.
    func fill(_ file: SourceFile, from start: Int) -> Bool {
        var end = start
        for chunk in walk(file, from: start) {
            guard Self.isName(chunk.id), chunk.size <= UInt64(file.length - chunk.body) else { return false }
            end = chunk.body + Int(chunk.size)
        }
        return file.length - end <= 1
    }

    /// Whether a chunk that lies within the file begins at a place. Sound looks so once in a million files.
    func begin(_ file: SourceFile, at start: Int) -> Bool {
        guard let chunk = chunk(file, at: start) else { return false }
        return Self.isName(chunk.id) && chunk.size <= UInt64(max(0, file.length - chunk.body))
    }

    private static func isName(_ id: String) -> Bool {
        id.utf8.count == 4 && id.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}

extension [UInt8] {
    /// Four bytes as Latin-1 text; "" where fewer are left.
    func text(at offset: Int) -> String {
        guard offset + 4 <= count else { return "" }
        return String(String.UnicodeScalarView(self[offset..<offset + 4].map { Unicode.Scalar($0) }))
    }

    /// An unsigned integer; 0 where the bytes are not there.
    func integer(at offset: Int, count size: Int, isBigEndian: Bool) -> UInt64 {
        guard offset >= 0, offset + size <= count else { return 0 }
        let field = self[offset..<offset + size]
        return isBigEndian
            ? field.reduce(0) { $0 << 8 | UInt64($1) } : field.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The lowest bytes of a number.
    init(_ value: UInt64, count: Int, isBigEndian: Bool) {
        let low = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        self = isBigEndian ? low.reversed() : low
    }
}
