/// What the header of an uncompressed container says of its own length, held against the file's.
///
/// libsndfile silently corrects a data chunk that is longer than the file, so the chunk headers are walked here. Only
/// sizes are looked at; whatever is not understood counts as `fits`, and libsndfile judges it.
enum StatedLength: Equatable {
    /// The file holds what the header promises, or the header may rightly leave it open.
    case fits
    /// The file ends before the sound does; both in bytes of sound.
    case short(promised: UInt64, present: Int, patches: [Patch])
    /// The size is a placeholder of a writer that could not go back or never came to its end.
    case unstated(patches: [Patch])

    /// What libsndfile must find instead of the stated size to read to the end of the file, where it would not.
    var patches: [Patch] {
        switch self {
        case .fits: []
        case .short(_, _, let patches), .unstated(let patches): patches
        }
    }

    /// Bytes that replace those of the file.
    struct Patch: Equatable {
        let offset: Int
        let bytes: [UInt8]
    }

    init(of file: SourceFile) {
        let start = file.bytes(at: 0, count: 40)
        switch start.text(at: 0) {
        case "RIFF", "RF64", "BW64", "RIFX":
            self = start.text(at: 8) == "WAVE" ? Self.riff(file, magic: start.text(at: 0)) : .fits
        case "FORM":
            self = ["AIFF", "AIFC"].contains(start.text(at: 8)) ? Self.aiff(file) : .fits
        case "riff":
            self = start.text(at: 24) == "wave" ? Self.wave64(file) : .fits
        case "caff":
            self = Self.coreAudio(file)
        case ".snd", "dns.":
            self = Self.sun(file, start, isBigEndian: start.text(at: 0) == ".snd")
        default:
            self = .fits
        }
    }

    /// Sizes from here on are what writers to a pipe put in a 32-bit field: 0x7F000000 (sox, AIFF), 0x7FFFF000 (sox,
    /// espeak-ng), 0x80000000 (arecord), 0xFFFFFFFF (ffmpeg). Nobody promises 2 GB in a file that is shorter.
    private static let leastPlaceholder: UInt64 = 0x7F00_0000

    /// The same for 64-bit fields.
    private static let leastLargePlaceholder: UInt64 = 1 << 62

    private static func judge(
        promised: UInt64, present: Int, leastPlaceholder: UInt64, patches: [Patch] = []
    ) -> StatedLength {
        guard promised > UInt64(max(0, present)) else { return .fits }
        if promised >= leastPlaceholder { return .unstated(patches: patches) }
        return .short(promised: promised, present: present, patches: patches)
    }

    private static func riff(_ file: SourceFile, magic: String) -> StatedLength {
        let chunks = Chunks(idBytes: 4, sizeBytes: 4, isBigEndian: magic == "RIFX", alignment: 2)
        var large: (dataSize: UInt64, offset: Int)?
        for chunk in chunks.walk(file, from: 12) {
            if chunk.id == "ds64" {
                // RIFF size, data size, sample count: 8 bytes each.
                let sizes = file.bytes(at: chunk.body, count: 16)
                if sizes.count == 16 { large = (sizes.integer(at: 8, count: 8, isBigEndian: false), chunk.body + 8) }
            }
            guard chunk.id == "data" else { continue }
            let present = file.length - chunk.body
            let isLarge = magic != "RIFF" && magic != "RIFX" && chunk.size == 0xFFFF_FFFF
            if isLarge, let large {
                let patch = Patch(offset: large.offset, bytes: Array(bigEndian(present).reversed()))
                if large.dataSize == 0, present > 0, !chunks.fill(file, from: chunk.body) {
                    return .unstated(patches: [patch])
                }
                return judge(
                    promised: large.dataSize, present: present, leastPlaceholder: leastLargePlaceholder,
                    patches: [patch])
            }
            // libsndfile 1.2.0 takes a size of 0 at its word, and corrects 0xFFFFFFFF to the rest of the file.
            if chunk.size == 0, present > 0, !chunks.fill(file, from: chunk.body) {
                return .unstated(patches: [Patch(offset: chunk.body - 4, bytes: [0xFF, 0xFF, 0xFF, 0xFF])])
            }
            return judge(promised: chunk.size, present: present, leastPlaceholder: leastPlaceholder)
        }
        return .fits
    }

    private static func aiff(_ file: SourceFile) -> StatedLength {
        let chunks = Chunks(idBytes: 4, sizeBytes: 4, isBigEndian: true, alignment: 2)
        for chunk in chunks.walk(file, from: 12) where chunk.id == "SSND" {
            let present = file.length - chunk.body
            // An empty sound chunk still has its 8 bytes of offset and block size; libsndfile corrects 0 by itself.
            if chunk.size == 0, present > 8, !chunks.fill(file, from: chunk.body) { return .unstated(patches: []) }
            return judge(promised: chunk.size, present: present, leastPlaceholder: leastPlaceholder)
        }
        return .fits
    }

    private static func wave64(_ file: SourceFile) -> StatedLength {
        let chunks = Chunks(idBytes: 16, sizeBytes: 8, isBigEndian: false, alignment: 8, sizeCountsHeader: true)
        for chunk in chunks.walk(file, from: 40) where chunk.id.hasPrefix("data") {
            let present = file.length - chunk.body
            return judge(promised: chunk.size, present: present, leastPlaceholder: leastLargePlaceholder)
        }
        return .fits
    }

    private static func coreAudio(_ file: SourceFile) -> StatedLength {
        let chunks = Chunks(idBytes: 4, sizeBytes: 8, isBigEndian: true, alignment: 1)
        for chunk in chunks.walk(file, from: 8) where chunk.id == "data" {
            // A size of -1 is the format's own word for "to the end of the file".
            if chunk.size == .max { return .fits }
            // libsndfile 1.2.0 does not find a data chunk that is longer than the file.
            let present = file.length - chunk.body
            return judge(
                promised: chunk.size, present: present, leastPlaceholder: leastLargePlaceholder,
                patches: [Patch(offset: chunk.body - 8, bytes: bigEndian(present))])
        }
        return .fits
    }

    private static func sun(_ file: SourceFile, _ start: [UInt8], isBigEndian: Bool) -> StatedLength {
        guard start.count >= 12 else { return .fits }
        let offset = Int(start.integer(at: 4, count: 4, isBigEndian: isBigEndian))
        let size = start.integer(at: 8, count: 4, isBigEndian: isBigEndian)
        // All ones is the format's own word for "not known".
        if size == 0xFFFF_FFFF { return .fits }
        return judge(promised: size, present: file.length - offset, leastPlaceholder: leastPlaceholder)
    }

    /// In 8 bytes.
    private static func bigEndian(_ value: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
    }
}

/// How a family of containers lays out its chunks: name, size, body, one after the other.
private struct Chunks {
    let idBytes: Int
    let sizeBytes: Int
    let isBigEndian: Bool
    let alignment: Int
    var sizeCountsHeader = false

    struct Chunk {
        /// The first four characters of the name.
        let id: String
        /// Where the body starts, in bytes from the start of the file.
        let body: Int
        /// Of the body as stated, in bytes.
        let size: UInt64
    }

    /// The chunks whose headers lie within the file. A file of very many chunks is no recording: 10 000 are looked at.
    func walk(_ file: SourceFile, from start: Int) -> some Sequence<Chunk> {
        sequence(state: start) { offset -> Chunk? in
            let header = file.bytes(at: offset, count: idBytes + sizeBytes)
            guard header.count == idBytes + sizeBytes else { return nil }
            var size = header.integer(at: idBytes, count: sizeBytes, isBigEndian: isBigEndian)
            if sizeCountsHeader { size = size < UInt64(header.count) ? 0 : size - UInt64(header.count) }
            let chunk = Chunk(id: header.text(at: 0), body: offset + header.count, size: size)
            // Sizes beyond the file end the walk at the next step, without overflow.
            let step = Int(min(size, UInt64(file.length)))
            offset = (chunk.body + step + alignment - 1) / alignment * alignment
            return chunk
        }
        .prefix(10_000)
    }

    /// Whether what follows is a row of chunks up to the end of the file, rather than sound.
    func fill(_ file: SourceFile, from start: Int) -> Bool {
        var end = start
        for chunk in walk(file, from: start) {
            guard chunk.id.utf8.count == 4, chunk.id.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
                chunk.size <= UInt64(file.length - chunk.body)
            else { return false }
            end = chunk.body + Int(chunk.size)
        }
        return file.length - end <= 1
    }
}

extension [UInt8] {
    /// Four bytes as Latin-1 text; "" where fewer are left.
    fileprivate func text(at offset: Int) -> String {
        guard offset + 4 <= count else { return "" }
        return String(String.UnicodeScalarView(self[offset..<offset + 4].map { Unicode.Scalar($0) }))
    }

    /// An unsigned integer; the bytes must be there.
    fileprivate func integer(at offset: Int, count: Int, isBigEndian: Bool) -> UInt64 {
        let field = self[offset..<offset + count]
        return isBigEndian
            ? field.reduce(0) { $0 << 8 | UInt64($1) } : field.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
