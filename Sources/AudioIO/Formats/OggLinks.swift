/// The streams that lie one after the other in an Ogg file ("chained", RFC 3533, section 4).
///
/// libsndfile decodes the first. It also leaves out a page whose checksum is wrong without a word, so every page is checked.
struct OggLinks {
    /// One of them.
    struct Link {
        /// In bytes from the start of the file.
        var range: Range<Int>
        /// What its first packet says it is.
        let codec: Codec
        /// Whether its last page is whole and carries the end-of-stream flag.
        var hasEnd = false
        /// Places where pages are missing or broken.
        var gaps = 0
        /// Samples before the first of them, as pages state them.
        var samplesBeforeGap: Int64?
        /// Samples a second in which pages state positions; 0 where that is not known.
        let rate: Int
    }

    enum Codec: Equatable { case vorbis, opus, flac, speex, other }

    private(set) var links: [Link] = []
    /// Of the page before.
    private var last: (serial: UInt64, number: UInt64, position: Int64)?
    private var lastWasBeginning = false

    /// More than these are no recording.
    private static let most = 4_096

    init(of file: SourceFile) {
        let window = ByteWindow(file)
        var place = 0
        while place + 27 <= file.length, links.count < Self.most {
            if let page = Page(window, at: place) {
                note(page, at: place)
                place += page.length
                if let link = links.indices.last { links[link].range = links[link].range.lowerBound..<place }
            } else {
                guard let next = Self.nextPage(file, after: place) else { break }
                place = next
            }
        }
    }

    private mutating func note(_ page: Page, at place: Int) {
        if page.isBeginning, !lastWasBeginning || links.isEmpty {
            links.append(Link(range: place..<place, codec: page.codec, rate: page.rate))
            last = nil
        }
        lastWasBeginning = page.isBeginning
        guard !links.isEmpty else { return }
        let link = links.count - 1
        if let last, last.serial == page.serial, page.number != last.number &+ 1 {
            links[link].gaps += 1
            if links[link].samplesBeforeGap == nil { links[link].samplesBeforeGap = max(0, last.position) }
        }
        links[link].hasEnd = page.isEnd
        let position = page.position >= 0 ? page.position : last?.position ?? 0
        last = (page.serial, page.number, position)
    }

    private static func nextPage(_ file: SourceFile, after start: Int) -> Int? {
        var place = start + 1
        while place < file.length {
            let bytes = file.bytes(at: place, count: 1 << 16)
            let found = bytes.withUnsafeBytes { $0.first("OggS") }
            if let found { return place + found }
            guard bytes.count == 1 << 16 else { return nil }
            place += bytes.count - 3
        }
        return nil
    }
}

/// A page: its header, held against its bytes.
private struct Page {
    let length: Int
    let isBeginning: Bool
    let isEnd: Bool
    let serial: UInt64
    let number: UInt64
    /// Samples at its end; -1 where no packet ends on it.
    let position: Int64
    let codec: OggLinks.Codec
    let rate: Int

    /// - Returns: nil where no whole page stands there, or its checksum is wrong.
    init?(_ window: ByteWindow, at offset: Int) {
        let head = window.bytes(27 + 255, at: offset)
        guard head.count >= 27, head.text(at: 0) == "OggS", head[4] == 0 else { return nil }
        let body = 27 + Int(head[26])
        guard body <= head.count else { return nil }
        length = body + head[27..<body].reduce(0) { $0 + Int($1) }
        guard let sum = window.with(length, at: offset, OggChecksum.of),
            sum == head.integer(at: 22, count: 4, isBigEndian: false)
        else { return nil }
        let bytes = head
        (isBeginning, isEnd) = (bytes[5] & 2 != 0, bytes[5] & 4 != 0)
        position = Int64(bitPattern: bytes.integer(at: 6, count: 8, isBigEndian: false))
        serial = bytes.integer(at: 14, count: 4, isBigEndian: false)
        number = bytes.integer(at: 18, count: 4, isBigEndian: false)
        let packet = bytes[body..<min(length, bytes.count)]
        if packet.starts(with: Array("\u{1}vorbis".utf8)) {
            (codec, rate) = (.vorbis, Int(Array(packet).integer(at: 12, count: 4, isBigEndian: false)))
        } else if packet.starts(with: "OpusHead".utf8) {
            (codec, rate) = (.opus, 48_000)
        } else if packet.starts(with: [0x7F] + Array("FLAC".utf8)) {
            (codec, rate) = (.flac, 0)
        } else {
            (codec, rate) = (packet.starts(with: "Speex   ".utf8) ? .speex : .other, 0)
        }
    }
}

/// Ogg's checksum: polynomial 0x04C11DB7, the high bit first, from 0, the page's own field taken as 0.
private enum OggChecksum {
    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        tables.withUnsafeBufferPointer { tables in
            var sum: UInt32 = 0
            var index = 0
            // The header by itself, then eight bytes at a time.
            while index < min(27, bytes.count) {
                let byte = (22..<26).contains(index) ? 0 : bytes[index]
                sum = sum << 8 ^ tables[Int(UInt8(truncatingIfNeeded: sum >> 24) ^ byte)]
                index += 1
            }
            while index + 8 <= bytes.count {
                let next = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                let high = sum ^ UInt32(truncatingIfNeeded: next >> 32)
                let low = UInt32(truncatingIfNeeded: next)
                sum = tables[1792 + Int(high >> 24)] ^ tables[1536 + Int(high >> 16 & 255)]
                sum ^= tables[1280 + Int(high >> 8 & 255)] ^ tables[1024 + Int(high & 255)]
                sum ^= tables[768 + Int(low >> 24)] ^ tables[512 + Int(low >> 16 & 255)]
                sum ^= tables[256 + Int(low >> 8 & 255)] ^ tables[Int(low & 255)]
                index += 8
            }
            while index < bytes.count {
                sum = sum << 8 ^ tables[Int(UInt8(truncatingIfNeeded: sum >> 24) ^ bytes[index])]
                index += 1
            }
            return UInt64(sum)
        }
    }

    /// What a byte adds that stands 0 to 7 bytes before the end.
    private static let tables: [UInt32] = {
        var tables = (0..<256).map { byte in
            (0..<8).reduce(UInt32(byte) << 24) { sum, _ in sum & 0x8000_0000 != 0 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1 }
        }
        for index in 256..<2048 {
            let before = tables[index - 256]
            tables.append(before << 8 ^ tables[Int(before >> 24)])
        }
        return tables
    }()
}
