/// Where the sound of an uncompressed container lies (WAV, RF64, Wave64, AIFF, CAF, AU), and what its header says of its
/// length, held against the file's.
///
/// libsndfile silently corrects a sound chunk that is longer than the file, and silently leaves out what lies behind one that
/// is shorter than the sound. So the chunk headers are walked here. Only sizes are looked at; what is not understood counts
/// as `fits`, and libsndfile judges it.
struct ContainerLayout {
    /// What the header's length is worth.
    enum Length: Equatable {
        /// The file holds what the header promises, or the header may rightly leave it open.
        case fits
        /// The file ends before the sound does; both in bytes of sound.
        case short(promised: UInt64, present: Int)
        /// The size is a placeholder of a writer that could not go back or never came to its end.
        case unstated
        /// Sound goes on behind the end that the header states; in bytes.
        case longer(promised: UInt64, present: Int)
    }

    /// A field of the header that says how long the sound is.
    struct SizeField {
        /// From the start of the container.
        let offset: Int
        let bytes: Int
        let isBigEndian: Bool
        /// What to write there for so many bytes of sound.
        let value: (Int) -> UInt64
    }

    /// Where the container begins, in bytes from the start of the file.
    let base: Int
    private(set) var length = Length.fits
    /// Where stretches of sound lie: one, but for files with several chunks of sound.
    private(set) var sounds: [Range<Int>] = []
    /// Where the container ends: where another may begin.
    private(set) var end: Int
    /// The code of a WAV file's encoding.
    private(set) var formatTag: UInt64?

    private var fields: [SizeField] = []
    /// Whether libsndfile must be shown other sizes than the file's.
    private var needsSizes = false
    private var frameBytes = 1
    private var bytesPerSecond = 0
    private let fileLength: Int

    init(of file: SourceFile, from base: Int = 0) {
        (self.base, end, fileLength) = (base, file.length, file.length)
        let start = file.bytes(at: base, count: 40)
        switch start.text(at: 0) {
        case "RIFF" where start.text(at: 8) == "WAVE", "RF64" where start.text(at: 8) == "WAVE",
            "BW64" where start.text(at: 8) == "WAVE", "RIFX" where start.text(at: 8) == "WAVE":
            readWAV(file, magic: start.text(at: 0))
        case "FORM" where ["AIFF", "AIFC"].contains(start.text(at: 8)):
            readAIFF(file)
        case "riff" where start.text(at: 24) == "wave":
            readWave64(file)
        case "caff":
            readCoreAudio(file)
        case ".snd", "dns.":
            readSun(file, start)
        default:
            break
        }
    }

    /// Whether a container of one of these families begins at a place.
    static func begins(in file: SourceFile, at offset: Int) -> Bool {
        let start = file.bytes(at: offset, count: 40)
        guard start.count == 40 else { return false }
        switch start.text(at: 0) {
        case "RIFF", "RF64", "BW64", "RIFX": return start.text(at: 8) == "WAVE"
        case "FORM": return ["AIFF", "AIFC"].contains(start.text(at: 8))
        case "riff": return start.text(at: 24) == "wave"
        case "caff": return start[4] == 0 && start[5] == 1
        // The place of the sound, its length, its encoding: a sound by chance looks otherwise.
        case ".snd": return (24...65_536).contains(start.integer(at: 4, count: 4, isBigEndian: true)) && start[12] == 0
        default: return false
        }
    }

    /// The container as files that libsndfile reads to their ends; nil where it is the file itself.
    var layouts: [VirtualFile.Layout?] {
        guard let first = sounds.first else {
            return base == 0 ? [nil] : [VirtualFile.Layout(segments: [base..<end])]
        }
        let isWide = fields.first.map { $0.bytes == 4 } ?? false
        let isTooLong = isWide && needsSizes && sounds.contains { $0.count > Self.longestSlice }
        guard isTooLong || sounds.count > 1 else {
            guard needsSizes || base > 0 || end < fileLength else { return [nil] }
            return [layout(header: base..<first.lowerBound, first, isOnly: true)]
        }
        return sounds.flatMap { sound in
            let step = isTooLong ? max(1, Self.slice / frameBytes) * frameBytes : max(1, sound.count)
            return stride(from: sound.lowerBound, to: sound.upperBound, by: step).map { start in
                let part = start..<min(start + step, sound.upperBound)
                return layout(header: base..<first.lowerBound, part, isOnly: false)
            }
        }
    }

    private static let longestSlice = 0x7F00_0000
    private static let slice = 1 << 30

    private func layout(header: Range<Int>, _ sound: Range<Int>, isOnly: Bool) -> VirtualFile.Layout {
        // What fits is shown with the chunks behind it.
        let last = isOnly && !needsSizes ? header.lowerBound..<end : header.lowerBound..<sound.upperBound
        let patches =
            isOnly && !needsSizes
            ? []
            : fields.map {
                VirtualFile.Patch(
                    offset: $0.offset,
                    bytes: [UInt8]($0.value(sound.count), count: $0.bytes, isBigEndian: $0.isBigEndian))
            }
        if sound.lowerBound == header.upperBound { return VirtualFile.Layout(segments: [last], patches: patches) }
        return VirtualFile.Layout(segments: [header, sound], patches: patches)
    }

    // MARK: Families

    /// Sizes from here on are what writers to a pipe put in a 32-bit field: 0x7F000000 (sox, AIFF), 0x7FFFF000 (sox,
    /// espeak-ng), 0x80000000 (arecord), 0xFFFFFFFF (ffmpeg). Nobody promises 2 GB in a file that is shorter.
    private static let leastPlaceholder: UInt64 = 0x7F00_0000

    /// The same for 64-bit fields.
    private static let leastLargePlaceholder: UInt64 = 1 << 62

    /// Recorders state sizes that are off by a header or two; so little is no word.
    private var tolerance: UInt64 { UInt64(max(128, min(4_096, bytesPerSecond / 200))) }

    /// Judges a size, and finds the end of the sound.
    /// - Parameters:
    ///   - promised: bytes of sound as stated.
    ///   - body: where they begin.
    ///   - chunks: what may follow them; nil where nothing may.
    private mutating func judge(
        _ file: SourceFile, promised: UInt64, body: Int, leastPlaceholder: UInt64, chunks: ContainerChunks?
    ) {
        let present = max(0, file.length - body)
        sounds = [body..<body + present]
        guard promised <= UInt64(present) else {
            needsSizes = true
            length =
                promised >= leastPlaceholder
                ? .unstated
                : promised - UInt64(present) <= tolerance ? .fits : .short(promised: promised, present: present)
            return
        }
        let stated = body + Int(promised)
        sounds = [body..<stated]
        guard let last = endOfSound(file, from: stated, chunks: chunks, canWrap: leastPlaceholder <= UInt64(UInt32.max))
        else {
            end = findEnd(file, from: stated, chunks: chunks)
            return
        }
        (sounds, needsSizes) = ([body..<last], true)
        length = .longer(promised: promised, present: last - body)
    }

    /// Where sound that goes on behind its stated end ends; nil where something else follows, or nothing.
    private func endOfSound(_ file: SourceFile, from stated: Int, chunks: ContainerChunks?, canWrap: Bool) -> Int? {
        let rest = file.length - stated
        guard UInt64(max(0, rest)) > tolerance else { return nil }
        let alignment = chunks?.alignment ?? 1
        let place = (stated + alignment - 1) / alignment * alignment
        for place in [stated, place] {
            if Self.begins(in: file, at: place) || (chunks?.begin(file, at: place) ?? false) { return nil }
        }
        let start = file.bytes(at: stated, count: 256)
        if SoundContent.isText(start) || MPEGWalk(ByteWindow(file), from: 0).tagEnd(at: stated) != nil { return nil }
        // Disks and copies pad files with zeros.
        if rest <= 1 << 16, file.bytes(at: stated, count: rest).allSatisfy({ $0 == 0 }) { return nil }
        if canWrap, let chunks {
            // A size of 32 bits that has wrapped, and the chunks that were written behind the sound.
            for wraps in stride(from: rest >> 32, to: 0, by: -1) {
                let wrapped = stated + wraps << 32
                if chunks.begin(file, at: (wrapped + alignment - 1) / alignment * alignment) { return wrapped }
            }
        }
        return file.length
    }

    /// Where the container ends that fits: at the next one, else with the file.
    private func findEnd(_ file: SourceFile, from stated: Int, chunks: ContainerChunks?) -> Int {
        if Self.begins(in: file, at: stated) { return stated }
        guard let chunks else { return file.length }
        let alignment = chunks.alignment
        for chunk in chunks.walk(file, from: (stated + alignment - 1) / alignment * alignment) {
            let place = chunk.body - chunks.idBytes - chunks.sizeBytes
            if Self.begins(in: file, at: place) { return place }
        }
        return file.length
    }

    private mutating func readWAV(_ file: SourceFile, magic: String) {
        let chunks = ContainerChunks.riff(isBigEndian: magic == "RIFX")
        let isLittle = magic != "RIFX"
        var large: (dataSize: UInt64, field: Int)?
        for chunk in chunks.walk(file, from: base + 12) {
            switch chunk.id {
            case "ds64":
                // RIFF size, data size, sample count: 8 bytes each.
                let sizes = file.bytes(at: chunk.body, count: 16)
                if sizes.count == 16 {
                    large = (sizes.integer(at: 8, count: 8, isBigEndian: false), chunk.body + 8 - base)
                }
            case "fmt ":
                let format = file.bytes(at: chunk.body, count: 16)
                formatTag = format.integer(at: 0, count: 2, isBigEndian: !isLittle)
                bytesPerSecond = Int(format.integer(at: 8, count: 4, isBigEndian: !isLittle))
                frameBytes = max(1, Int(format.integer(at: 12, count: 2, isBigEndian: !isLittle)))
            case "data":
                readWAVSound(file, chunk, chunks, magic: magic, large: large)
                return
            case _ where Self.begins(in: file, at: chunk.body - 8) && chunk.body - 8 > base:
                // A header without sound, and another file behind it.
                end = chunk.body - 8
                return
            default: continue
            }
        }
    }

    private mutating func readWAVSound(
        _ file: SourceFile, _ chunk: ContainerChunks.Chunk, _ chunks: ContainerChunks, magic: String,
        large: (dataSize: UInt64, field: Int)?
    ) {
        let present = file.length - chunk.body
        var promised = chunk.size
        var least = Self.leastPlaceholder
        let isLarge = magic != "RIFF" && magic != "RIFX" && chunk.size == 0xFFFF_FFFF
        if isLarge, let large {
            (promised, least) = (large.dataSize, Self.leastLargePlaceholder)
            fields = [SizeField(offset: large.field, bytes: 8, isBigEndian: false) { UInt64($0) }]
        } else {
            fields = [
                SizeField(offset: chunk.body - 4 - base, bytes: 4, isBigEndian: magic == "RIFX") { UInt64($0) }
            ]
        }
        // libsndfile 1.2.0 takes a size of 0 at its word.
        if promised == 0, present > 0, !chunks.fill(file, from: chunk.body), !Self.begins(in: file, at: chunk.body) {
            (length, needsSizes, sounds) = (.unstated, true, [chunk.body..<file.length])
            return
        }
        judge(file, promised: promised, body: chunk.body, leastPlaceholder: least, chunks: chunks)
        guard case .fits = length, let first = sounds.first, first.upperBound < file.length else { return }
        // Editors and recorders that append write another chunk of sound; libsndfile takes none of them then.
        let next = (first.upperBound + 1) / 2 * 2
        for other in chunks.walk(file, from: next) where other.id == "data" && other.body <= end {
            sounds.append(other.body..<min(other.body + Int(min(other.size, UInt64(file.length))), end))
            needsSizes = true
        }
    }

    private mutating func readAIFF(_ file: SourceFile) {
        for chunk in ContainerChunks.aiff.walk(file, from: base + 12) {
            if chunk.id == "COMM" {
                let common = file.bytes(at: chunk.body, count: 8)
                let bits = Int(common.integer(at: 6, count: 2, isBigEndian: true))
                let bytes = max(1, Int(common.integer(at: 0, count: 2, isBigEndian: true)) * ((bits + 7) / 8))
                frameBytes = bytes
                fields.append(
                    SizeField(offset: chunk.body + 2 - base, bytes: 4, isBigEndian: true) { UInt64($0 / bytes) })
            }
            guard chunk.id == "SSND" else { continue }
            // The chunk begins with 8 bytes of offset and block size.
            fields.insert(
                SizeField(offset: chunk.body - 4 - base, bytes: 4, isBigEndian: true) { UInt64($0 + 8) }, at: 0)
            let present = file.length - chunk.body
            // libsndfile corrects 0 by itself.
            if chunk.size == 0, present > 8, !ContainerChunks.aiff.fill(file, from: chunk.body) {
                length = .unstated
                return
            }
            judge(
                file, promised: max(8, chunk.size) - 8, body: chunk.body + 8, leastPlaceholder: Self.leastPlaceholder,
                chunks: .aiff)
            return
        }
    }

    private mutating func readWave64(_ file: SourceFile) {
        for chunk in ContainerChunks.wave64.walk(file, from: base + 40) where chunk.id.hasPrefix("data") {
            fields = [
                SizeField(offset: chunk.body - 8 - base, bytes: 8, isBigEndian: false) { UInt64($0 + 24) }
            ]
            judge(
                file, promised: chunk.size, body: chunk.body, leastPlaceholder: Self.leastLargePlaceholder,
                chunks: .wave64)
            return
        }
    }

    private mutating func readCoreAudio(_ file: SourceFile) {
        for chunk in ContainerChunks.coreAudio.walk(file, from: base + 8) where chunk.id == "data" {
            // A size of -1 is the format's own word for "to the end of the file".
            if chunk.size == .max { return }
            // libsndfile 1.2.0 does not find a data chunk that is longer than the file.
            fields = [SizeField(offset: chunk.body - 8 - base, bytes: 8, isBigEndian: true) { UInt64($0) }]
            judge(
                file, promised: chunk.size, body: chunk.body, leastPlaceholder: Self.leastLargePlaceholder,
                chunks: .coreAudio)
            return
        }
    }

    private mutating func readSun(_ file: SourceFile, _ start: [UInt8]) {
        guard start.count >= 12 else { return }
        let isBigEndian = start.text(at: 0) == ".snd"
        let offset = Int(start.integer(at: 4, count: 4, isBigEndian: isBigEndian))
        let size = start.integer(at: 8, count: 4, isBigEndian: isBigEndian)
        // All ones is the format's own word for "not known".
        if size == 0xFFFF_FFFF { return }
        fields = [SizeField(offset: 8, bytes: 4, isBigEndian: isBigEndian) { UInt64($0) }]
        judge(
            file, promised: size, body: base + offset, leastPlaceholder: Self.leastPlaceholder, chunks: nil)
    }
}
