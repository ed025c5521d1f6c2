import CSndFile
import Foundation

/// A file as libsndfile shall see it: stretches of the source, one after the other, with some bytes replaced.
///
/// A WAV file whose data size is 0 reads as empty, so the size is replaced. Of sounds joined in one file libsndfile reads
/// the first, so each is shown as a file of its own. A size of 32 bits holds 4 GiB at most, so the sound of a longer file is
/// shown in slices, each behind the header.
final class VirtualFile {
    /// Which bytes are shown.
    struct Layout: Equatable {
        /// Stretches of the source.
        var segments: [Range<Int>]
        /// What is shown in place of the source's bytes.
        var patches: [Patch] = []
    }

    /// Bytes that replace those of the source.
    struct Patch: Equatable {
        /// From the start of what is shown.
        let offset: Int
        let bytes: [UInt8]
    }

    private let source: SourceFile
    private let layout: Layout
    private let length: Int
    private var position = 0

    init(_ source: SourceFile, _ layout: Layout) {
        (self.source, self.layout) = (source, layout)
        length = layout.segments.reduce(0) { $0 + $1.count }
    }

    private func seek(_ offset: Int, from origin: Int32) -> Int {
        let base = origin == SEEK_SET ? 0 : origin == SEEK_CUR ? position : length
        let (target, overflows) = base.addingReportingOverflow(offset)
        if !overflows, target >= 0 { position = target }
        return position
    }

    private func read(_ target: UnsafeMutableRawBufferPointer) -> Int {
        var done = 0
        var segmentStart = 0
        for segment in layout.segments {
            defer { segmentStart += segment.count }
            let inside = position + done - segmentStart
            guard done < target.count, inside >= 0, inside < segment.count else { continue }
            let wanted = min(target.count - done, segment.count - inside)
            let part = UnsafeMutableRawBufferPointer(rebasing: target[done..<done + wanted])
            let count = source.read(part, at: segment.lowerBound + inside)
            done += count
            if count < wanted { break }
        }
        for patch in layout.patches where patch.offset < position + done && patch.offset + patch.bytes.count > position
        {
            for (index, byte) in patch.bytes.enumerated() {
                let place = patch.offset + index - position
                if place >= 0, place < done { target[place] = byte }
            }
        }
        position += done
        return done
    }

    static let callbacks = SF_VIRTUAL_IO(
        get_filelen: { sf_count_t(VirtualFile.at($0)?.length ?? 0) },
        seek: { offset, origin, pointer in
            sf_count_t(VirtualFile.at(pointer)?.seek(Int(offset), from: origin) ?? -1)
        },
        read: { target, count, pointer in
            guard count > 0 else { return 0 }
            return sf_count_t(
                VirtualFile.at(pointer)?.read(UnsafeMutableRawBufferPointer(start: target, count: Int(count))) ?? 0)
        },
        write: { _, _, _ in 0 },
        tell: { sf_count_t(VirtualFile.at($0)?.position ?? -1) })

    private static func at(_ pointer: UnsafeMutableRawPointer?) -> VirtualFile? {
        pointer.map { Unmanaged<VirtualFile>.fromOpaque($0).takeUnretainedValue() }
    }
}
