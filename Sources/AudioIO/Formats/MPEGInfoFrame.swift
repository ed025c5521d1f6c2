/// What a frame without sound at the start of an MP3 file says of those that follow: "Xing", "Info" or "VBRI".
struct MPEGInfoFrame {
    /// How many frames follow; nil where it does not say.
    let frames: Int?
    /// Samples to drop at the start and the end, as LAME writes them.
    let trimmed: Int

    /// - Parameter frame: the whole frame.
    init?(_ frame: UnsafeRawBufferPointer, _ header: MPEGHeader) {
        guard header.layer == 3 else { return nil }
        func number(_ offset: Int, _ count: Int) -> Int {
            guard offset + count <= frame.count else { return 0 }
            return frame[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
        }
        func has(_ text: String, at offset: Int) -> Bool {
            offset + 4 <= frame.count && frame[offset..<offset + 4].elementsEqual(text.utf8)
        }
        if has("VBRI", at: 36) {
            let count = number(50, 4)
            (frames, trimmed) = (count > 0 ? count : nil, 0)
            return
        }
        // Some encoders leave the checksum's place out, whatever the header says.
        guard
            let tag = [4 + header.sideBytes, 6 + header.sideBytes].first(where: {
                has("Xing", at: $0) || has("Info", at: $0)
            })
        else { return nil }
        let flags = number(tag + 4, 4)
        var next = tag + 8
        let count = flags & 1 != 0 ? number(next, 4) : 0
        for (bit, size) in [(1, 4), (2, 4), (4, 100), (8, 4)] where flags & bit != 0 { next += size }
        // LAME's tag: 21 bytes in, 12 bits of delay and 12 of padding.
        let gaps = number(next + 21, 3)
        (frames, trimmed) = (count > 0 ? count : nil, gaps >> 12 + gaps & 0xFFF)
    }
}
