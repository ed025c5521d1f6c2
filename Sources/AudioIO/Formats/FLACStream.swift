/// A FLAC stream within a file (RFC 9639): what its header says of its length, and what its last frame says.
struct FLACStream {
    /// Where it begins and ends, in bytes from the start of the file.
    let range: Range<Int>
    /// As the header states; nil where it leaves that open.
    let statedSamples: Int?
    /// Where its last frame ends, in samples; nil where no frame is found.
    let lastSample: Int?

    /// Samples of each channel; nil where nothing says.
    var samples: Int? {
        guard let stated = statedSamples else { return lastSample }
        return max(stated, lastSample ?? 0)
    }

    /// What libsndfile must find in the header so that it reads to the end of the stream.
    var patches: [VirtualFile.Patch] {
        guard let stated = statedSamples, let last = lastSample, last > stated, last < 1 << 36 else { return [] }
        // The low 36 bits of the 8 bytes at 18: "fLaC", a block's header, sizes of blocks and frames lie before them.
        return [
            VirtualFile.Patch(
                offset: 21, bytes: [highBits | UInt8(last >> 32)] + [UInt8](UInt64(last), count: 4, isBigEndian: true))
        ]
    }

    /// What shares a byte with the length.
    private let highBits: UInt8

    /// The streams of a file, joined ones one after the other; none where it is no FLAC.
    static func all(in file: SourceFile) -> [FLACStream] {
        let window = ByteWindow(file)
        var start = 0
        for _ in 0..<8 {
            guard window.has("ID3", at: start), let end = MPEGWalk(window, from: 0).tagEnd(at: start) else { break }
            start = end
        }
        guard window.has("fLaC", at: start) else { return [] }
        var starts = [start]
        // More than these are no recording.
        while starts.count < 4_096, let next = nextStart(in: file, after: starts[starts.count - 1] + 42) {
            starts.append(next)
        }
        return starts.enumerated().compactMap { index, start in
            FLACStream(file, start..<(index + 1 < starts.count ? starts[index + 1] : file.length))
        }
    }

    private init?(_ file: SourceFile, _ range: Range<Int>) {
        let head = file.bytes(at: range.lowerBound, count: 42)
        guard head.count == 42 else { return nil }
        self.range = range
        highBits = head[21] & 0xF0
        let stated = Int(head[21] & 0x0F) << 32 | Int(head.integer(at: 22, count: 4, isBigEndian: true))
        statedSamples = stated > 0 ? stated : nil
        let blockSize = Int(head.integer(at: 8, count: 2, isBigEndian: true))
        let tail = max(range.lowerBound + 42, range.upperBound - Self.tailBytes)
        lastSample = Self.lastSample(
            file.bytes(at: tail, count: range.upperBound - tail), blockSize: blockSize,
            holdsAll: tail == range.lowerBound + 42)
    }

    /// Two frames of eight channels fit.
    private static let tailBytes = 1 << 18

    /// The magic and the header of the first block, which has 34 bytes, last or not.
    private static func nextStart(in file: SourceFile, after start: Int) -> Int? {
        let step = 1 << 16
        for place in stride(from: start, to: file.length - 42, by: step) {
            // Longer by what the magic may reach over.
            let bytes = file.bytes(at: place, count: step + 7)
            var from = 0
            while from < bytes.count {
                let found = bytes.withUnsafeBytes { $0.first("fLaC", from: from) }
                guard let found, found + 8 <= bytes.count else { break }
                if bytes[found + 4] & 0x7F == 0, bytes[found + 5..<found + 8].elementsEqual([0, 0, 34]) {
                    return place + found
                }
                from = found + 1
            }
        }
        return nil
    }

    /// The end of the last frame that follows another, in samples.
    private static func lastSample(_ bytes: [UInt8], blockSize: Int, holdsAll: Bool) -> Int? {
        var frames: [(start: Int, end: Int)] = []
        var place = 0
        while place + 6 <= bytes.count {
            if bytes[place] == 0xFF, bytes[place + 1] & 0xFE == 0xF8,
                let frame = frame(bytes[place..<min(place + 16, bytes.count)], blockSize: blockSize)
            {
                frames.append(frame)
            }
            place += 1
        }
        // A header by chance has no neighbour.
        for index in frames.indices.reversed() {
            let follows = frames[..<index].contains { $0.end == frames[index].start }
            if follows || holdsAll && frames[index].start == 0 { return frames[index].end }
        }
        return nil
    }

    /// The samples that a frame's header names; nil where the bytes are no header.
    private static func frame(_ bytes: ArraySlice<UInt8>, blockSize fixedSize: Int) -> (start: Int, end: Int)? {
        let bytes = Array(bytes)
        let isVariable = bytes[1] & 1 == 1
        let (sizeCode, rateCode) = (bytes[2] >> 4, bytes[2] & 15)
        guard sizeCode != 0, rateCode != 15, bytes[3] >> 4 < 11, bytes[3] & 1 == 0 else { return nil }
        // The number is written as UTF-8 writes characters, up to 7 bytes long.
        let length = bytes[4] < 0x80 ? 1 : (~bytes[4]).leadingZeroBitCount
        guard length != 0, bytes[4] < 0x80 || (2...7).contains(length), 4 + length < bytes.count else { return nil }
        var number = length == 1 ? Int(bytes[4]) : Int(bytes[4] & (length >= 7 ? 0 : 0x7F >> UInt8(length)))
        for byte in bytes[5..<4 + length] {
            guard byte & 0xC0 == 0x80 else { return nil }
            number = number << 6 | Int(byte & 0x3F)
        }
        var end = 4 + length
        var size: Int
        switch sizeCode {
        case 1: size = 192
        case 2...5: size = 576 << (Int(sizeCode) - 2)
        case 6, 7:
            let count = Int(sizeCode) - 5
            size = Int(bytes.integer(at: end, count: count, isBigEndian: true)) + 1
            end += count
        default: size = 256 << (Int(sizeCode) - 8)
        }
        end += rateCode == 12 ? 1 : rateCode > 12 ? 2 : 0
        guard end < bytes.count, Self.checksum(bytes[..<end]) == bytes[end] else { return nil }
        let start = isVariable ? number : number * fixedSize
        return (start, start + size)
    }

    /// x^8 + x^2 + x + 1, from 0.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt8 {
        bytes.reduce(0) { sum, byte in
            var sum = sum ^ byte
            for _ in 0..<8 { sum = sum & 0x80 != 0 ? sum << 1 ^ 0x07 : sum << 1 }
            return sum
        }
    }
}
