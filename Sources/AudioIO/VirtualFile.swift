import CSndFile
import Foundation

/// A source file shown to libsndfile with some of its bytes replaced, or as longer than it is.
///
/// Two files need it. A WAV file whose data size is still 0 reads as empty, so the size is replaced. The length of an
/// MP3 file without a frame count is guessed from its size and its first frame, and libsndfile stops there, which
/// loses most of a file of varying bit rate: a length that is certainly too great makes it read to the end.
final class VirtualFile {
    private let source: SourceFile
    private let patches: [StatedLength.Patch]
    private let statedLength: Int
    private var position = 0

    /// - Parameter lengthFactor: how many times as long as it is the file shall seem.
    init(_ source: SourceFile, patches: [StatedLength.Patch] = [], lengthFactor: Int = 1) {
        self.source = source
        self.patches = patches
        let (product, overflows) = source.length.multipliedReportingOverflow(by: lengthFactor)
        statedLength = overflows ? source.length : product
    }

    private func seek(_ offset: Int, from origin: Int32) -> Int {
        let base = origin == SEEK_SET ? 0 : origin == SEEK_CUR ? position : statedLength
        let (target, overflows) = base.addingReportingOverflow(offset)
        if !overflows, target >= 0 { position = target }
        return position
    }

    private func read(_ target: UnsafeMutableRawBufferPointer) -> Int {
        // The MP3 decoder looks for a tag in the last 128 bytes and gives up when it cannot read them.
        if statedLength > source.length, position >= statedLength - 128 {
            let count = max(0, min(target.count, statedLength - position))
            for index in 0..<count { target[index] = 0 }
            position += count
            return count
        }
        let count = source.read(target, at: position)
        for patch in patches {
            for (index, byte) in patch.bytes.enumerated() {
                let place = patch.offset + index - position
                if place >= 0, place < count { target[place] = byte }
            }
        }
        position += count
        return count
    }

    static let callbacks = SF_VIRTUAL_IO(
        get_filelen: { sf_count_t(VirtualFile.at($0)?.statedLength ?? 0) },
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
