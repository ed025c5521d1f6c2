/// Marks in compressed streams that libsndfile does not report.
enum StreamMarks {
    /// Whether the last page of an Ogg file is whole and carries the end-of-stream flag (RFC 3533, section 6).
    static func oggHasEnd(_ file: SourceFile) -> Bool {
        // A page is at most 65 307 bytes long, so the last one starts within this stretch; junk may follow it.
        let tail = file.bytes(at: max(0, file.length - 131_072), count: 131_072)
        var offset = tail.count - 4
        while offset >= 0 {
            if tail[offset...].starts(with: "OggS".utf8) {
                guard offset + 27 <= tail.count else { return false }
                if tail[offset + 4] == 0 {
                    let tableEnd = offset + 27 + Int(tail[offset + 26])
                    guard tableEnd <= tail.count else { return false }
                    let body = tail[offset + 27..<tableEnd].reduce(0) { $0 + Int($1) }
                    return tableEnd + body <= tail.count && tail[offset + 5] & 0x04 != 0
                }
            }
            offset -= 1
        }
        return false
    }

    /// Whether an MP3 file begins with a Xing, Info or VBRI frame, which states how many frames follow.
    static func mpegStatesLength(_ file: SourceFile) -> Bool {
        var offset = 0
        // ID3v2: "ID3", version (2 bytes), flags, size in 4 bytes of 7 bits; flag 0x10 adds a footer of 10 bytes.
        for _ in 0..<8 {
            let tag = file.bytes(at: offset, count: 10)
            guard tag.count == 10, tag.starts(with: "ID3".utf8) else { break }
            offset += 10 + tag[6...].reduce(0) { $0 << 7 | Int($1 & 0x7F) } + (tag[5] & 0x10 != 0 ? 10 : 0)
        }
        let head = file.bytes(at: offset, count: 4_096)
        for place in head.indices.dropLast(12) {
            let here = head[place...]
            if here.starts(with: "VBRI".utf8) { return true }
            // Flags (bit 0: a frame count follows) and the count, 4 bytes each, the high byte first.
            if here.starts(with: "Xing".utf8) || here.starts(with: "Info".utf8) {
                return head[place + 7] & 1 != 0 && head[place + 8..<place + 12].contains { $0 != 0 }
            }
        }
        return false
    }
}
