import CMPG123
import Foundation

/// The one place that holds a `mpg123_handle *`: decodes frames of one sample rate and number of channels.
///
/// libsndfile decodes MP3 through the same library, but stops where the first frame says that the file ends, lets the
/// library write to standard error, and ends at the first hole. Here it is handed nothing but whole frames.
final class MPEGDecoder {
    private let handle: OpaquePointer
    private let feed: MPEGFeed

    /// - Parameter feed: gives the bytes of frames.
    init?(_ feed: MPEGFeed) {
        _ = Self.isReady
        guard let handle = mpg123_new(nil, nil) else { return nil }
        (self.handle, self.feed) = (handle, feed)
        // As libsndfile sets it, so that a file gives the same samples, bit for bit.
        mpg123_remove_flags(handle, Int(MPG123_AUTO_RESAMPLE.rawValue))
        mpg123_add_flags(handle, Int(MPG123_FORCE_FLOAT.rawValue | MPG123_GAPLESS.rawValue | MPG123_QUIET.rawValue))
        mpg123_replace_reader_handle(
            handle,
            { pointer, target, count in
                guard let pointer, let target else { return -1 }
                let feed = Unmanaged<MPEGFeed>.fromOpaque(pointer).takeUnretainedValue()
                return feed.read(UnsafeMutableRawBufferPointer(start: target, count: count))
            }, { _, _, _ in -1 }, nil)
        let header = feed.header
        mpg123_format_none(handle)
        let channels = Int32(header.channels == 1 ? MPG123_MONO.rawValue : MPG123_STEREO.rawValue)
        guard mpg123_format(handle, header.sampleRate, channels, Int32(MPG123_ENC_FLOAT_32.rawValue)) == Self.isFine,
            mpg123_open_handle(handle, Unmanaged.passUnretained(feed).toOpaque()) == Self.isFine
        else {
            mpg123_delete(handle)
            return nil
        }
    }

    deinit { mpg123_delete(handle) }

    /// Interleaved samples; fewer than asked for at the end.
    func read(into buffer: UnsafeMutableBufferPointer<Float>) -> Int {
        let bytes = UnsafeMutableRawBufferPointer(buffer)
        var done = 0
        while done < bytes.count {
            var count = 0
            let code = mpg123_read(handle, bytes.baseAddress.map { $0 + done }, bytes.count - done, &count)
            done += count
            if code == MPG123_NEW_FORMAT.rawValue { continue }
            guard code == Self.isFine, count > 0 else { break }
        }
        return done / MemoryLayout<Float>.size
    }

    private static let isFine = Int32(MPG123_OK.rawValue)
    /// Needed before version 1.27.
    private static let isReady: Void = { mpg123_init() }()
}

/// The frames of a part as a stream of bytes.
final class MPEGFeed {
    let header: MPEGHeader
    private let window: ByteWindow
    private var walk: MPEGWalk
    private let end: Int
    /// Whether the frame that says how many follow is among them.
    private let givesInfoFrame: Bool
    private var frame = 0..<0

    init(_ file: SourceFile, _ part: MPEGPart, givesInfoFrame: Bool) {
        header = part.header
        window = ByteWindow(file, end: part.limit)
        walk = MPEGWalk(window, from: part.start)
        (end, self.givesInfoFrame) = (part.end, givesInfoFrame)
    }

    func read(_ target: UnsafeMutableRawBufferPointer) -> Int {
        var done = 0
        while done < target.count {
            if frame.isEmpty, !findFrame() { break }
            let count = min(frame.count, target.count - done)
            let part = UnsafeMutableRawBufferPointer(rebasing: target[done..<done + count])
            guard window.with(count, at: frame.lowerBound, { part.copyMemory(from: $0) }) != nil else { break }
            done += count
            frame = frame.lowerBound + count..<frame.upperBound
        }
        return done
    }

    private func findFrame() -> Bool {
        while walk.position < end {
            switch walk.next() {
            case .frame(let header, let place):
                guard header.isSameStream(as: self.header) else { continue }
                if !givesInfoFrame, window.with(header.length, at: place, { MPEGInfoFrame($0, header) }) ?? nil != nil {
                    continue
                }
                frame = place..<place + header.length
                return true
            case .end: return false
            case .tag, .junk, .cutFrame: continue
            }
        }
        return false
    }
}
