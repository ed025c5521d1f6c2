/// Goes through MPEG audio frame by frame, past tags and past bytes that are neither.
///
/// A frame is taken for one where the frame before it ends, or where others of its kind follow it: a header by itself is
/// only 11 bits set and a few fields in range, which junk has once in four thousand bytes.
struct MPEGWalk {
    /// What stands at a place.
    enum Step {
        /// A frame of sound, or one that says how many follow.
        case frame(MPEGHeader, at: Int)
        /// ID3, APE, Lyrics3: names of songs and the like.
        case tag(Range<Int>)
        /// What is nothing known.
        case junk(Range<Int>)
        /// The start of a frame whose end the file does not have.
        case cutFrame(at: Int)
        case end
    }

    let window: ByteWindow
    private(set) var position: Int
    /// Of the last frame; nil before the first.
    private var last: MPEGHeader?

    init(_ window: ByteWindow, from start: Int) { (self.window, position) = (window, start) }

    /// The next step; always forward.
    mutating func next() -> Step {
        guard position < window.end else { return .end }
        let here = position
        if let header = header(at: here) {
            let isNext = last.map { header.isSameStream(as: $0) } ?? false
            if isNext, here + header.length > window.end {
                position = window.end
                return .cutFrame(at: here)
            }
            if here + header.length <= window.end, isNext || isFollowed(header, at: here) {
                last = header
                position += header.length
                return .frame(header, at: here)
            }
        }
        if let end = tagEnd(at: here) {
            position = end
            return .tag(here..<end)
        }
        position = endOfJunk(from: here + 1)
        return .junk(here..<position)
    }

    /// Bytes of junk between frames that are looked through.
    private static let longestJunk = 256 << 20

    /// Where the first of three frames that follow each other stands, or the first tag behind which they do.
    /// - Parameter reach: bytes that may lie in front.
    static func start(in window: ByteWindow, from start: Int = 0, reach: Int) -> Int? {
        var place = start
        var walk = MPEGWalk(window, from: start)
        while place - start <= reach {
            walk.position = place
            if let header = walk.header(at: place), place + header.length <= window.end,
                walk.isFollowed(header, at: place)
            {
                return place
            }
            // No further: a sparse file of terabytes has nothing but zeros.
            let limit = reach < window.end - start ? start + reach + 1 : window.end
            place = walk.tagEnd(at: place) ?? window.first(0xFF, from: place + 1, below: limit) ?? window.end
            if place >= window.end { return nil }
        }
        return nil
    }

    private func header(at offset: Int) -> MPEGHeader? {
        window.word(at: offset).flatMap(MPEGHeader.init)
    }

    /// Whether two frames of the same kind come next, or the file ends properly after fewer.
    private func isFollowed(_ header: MPEGHeader, at offset: Int) -> Bool {
        var place = offset + header.length
        for seen in 0..<2 {
            if place == window.end { return seen > 0 || last != nil }
            guard let next = self.header(at: place) else { return seen > 0 && tagEnd(at: place) != nil }
            guard next.isSameStream(as: header) else {
                // Another kind begins here, if it is not junk.
                return seen > 0 && place + next.length <= window.end
            }
            place += next.length
            if place > window.end { return seen > 0 }
        }
        return true
    }

    private func endOfJunk(from start: Int) -> Int {
        var place = start
        while place < window.end {
            // So much without a frame or a tag: what comes after is taken for junk too.
            guard place - start < Self.longestJunk else { return window.end }
            // All that is looked for begins with one of these.
            let found = window.with(min(window.end - place, 4_096), at: place) { bytes in
                bytes.firstIndex { $0 == 0xFF || $0 == 0x49 || $0 == 0x54 || $0 == 0x41 || $0 == 0x4C }
            }
            guard let found else { return window.end }
            guard let found else {
                place += min(window.end - place, 4_096)
                continue
            }
            place += found
            if let header = header(at: place), place + header.length <= window.end, isFollowed(header, at: place) {
                return place
            }
            if tagEnd(at: place) != nil { return place }
            place += 1
        }
        return window.end
    }

    /// Where a tag that begins at a place ends; nil where none does.
    func tagEnd(at offset: Int) -> Int? {
        if window.has("ID3", at: offset) {
            // ID3v2: version (2 bytes), flags, size in 4 bytes of 7 bits; flag 0x10 adds a footer of 10 bytes.
            let tag = window.bytes(10, at: offset)
            guard tag.count == 10, tag[3] != 0xFF, tag[6...].allSatisfy({ $0 < 0x80 }) else { return nil }
            let size = tag[6...].reduce(0) { $0 << 7 | Int($1) } + (tag[5] & 0x10 != 0 ? 20 : 10)
            return min(offset + size, window.end)
        }
        if window.has("TAG", at: offset), offset + 128 <= window.end {
            return min(offset + (window.has("TAG+", at: offset) ? 227 : 128), window.end)
        }
        if window.has("APETAGEX", at: offset) {
            // Version, size of what follows the header, count, flags: 4 bytes each, the low byte first.
            let tag = window.bytes(32, at: offset)
            guard tag.count == 32 else { return window.end }
            let size = tag[12..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
            return min(offset + 32 + (tag[23] & 0x20 != 0 ? size : 0), window.end)
        }
        if window.has("LYRICSBEGIN", at: offset) {
            let limit = min(offset + 1 << 20, window.end)
            var place = offset
            while let next = window.first(0x4C, from: place + 1, below: limit) {
                if window.has("LYRICS200", at: next) || window.has("LYRICSEND", at: next) { return next + 9 }
                place = next
            }
        }
        return nil
    }
}
