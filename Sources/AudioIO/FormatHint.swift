/// Names what a file is that libsndfile does not know, from its first bytes.
enum FormatHint {
    static func describe(_ file: SourceFile) -> String? {
        let start = file.bytes(at: 0, count: 256)
        func has(_ text: String, at offset: Int = 0) -> Bool { start.dropFirst(offset).starts(with: text.utf8) }
        func has(_ bytes: [UInt8]) -> Bool { start.starts(with: bytes) }

        if has("ftyp", at: 4) { return "MPEG-4 audio or video (M4A, MP4, MOV)" }
        if has([0x1A, 0x45, 0xDF, 0xA3]) { return "Matroska or WebM" }
        if has([0x30, 0x26, 0xB2, 0x75]) { return "Windows Media (WMA, ASF)" }
        if has("#!AMR") { return "AMR" }
        if has("#!SILK") || has([0x02] + Array("#!SILK".utf8)) { return "SILK" }
        if has("RIFF"), has("AVI ", at: 8) { return "AVI video" }
        if has("MAC ") { return "Monkey's Audio" }
        if has("wvpk") { return "WavPack" }
        if has("%PDF") { return "a PDF document" }
        if has([0x50, 0x4B, 0x03, 0x04]) { return "a ZIP archive" }
        if has([0x1F, 0x8B]) { return "a gzip archive" }
        if has([0x89] + Array("PNG".utf8)) || has([0xFF, 0xD8, 0xFF]) { return "an image" }
        if start.count > 1, start[0] == 0xFF, start[1] & 0xF6 == 0xF0 { return "AAC" }
        let isText = start.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }
        return isText ? "text" : nil
    }
}
