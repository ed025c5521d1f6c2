import Foundation

/// The lines of a file or pipe as bytes, one after the other: names need be no text. Where there is a NUL in the first
/// block, NULs end the lines, as `find -print0` writes them.
package final class RawLines {
    /// A line may have so many bytes.
    package static let longest = 1 << 20

    private let path: RawPath
    private let descriptor: Int32
    private var block: ArraySlice<UInt8> = []
    private var rest: [UInt8] = []
    private var end: UInt8?
    private var hasEnded = false

    /// - Parameter path: `-` for standard input.
    /// - Throws: ``BatchError`` where it cannot be opened.
    init(_ path: RawPath) throws(BatchError) {
        self.path = path
        descriptor =
            path.bytes == [UInt8(ascii: "-")]
            ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path.cString, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .reading(path, code: errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The next line that is not empty, without its end; nil after the last.
    /// - Throws: ``BatchError`` where it cannot be read, or is too long to be the name of a file.
    func next() throws(BatchError) -> [UInt8]? {
        while true {
            if let end, let place = block.firstIndex(of: end) {
                var line = rest + block[..<place]
                block = block[(place + 1)...]
                rest = []
                if end == UInt8(ascii: "\n"), line.last == UInt8(ascii: "\r") { line.removeLast() }
                if line.isEmpty { continue }
                return line
            }
            rest += block
            guard rest.count <= Self.longest else {
                throw BatchError(path, "has a line of more than \(Self.longest) bytes", mend: "give one path a line")
            }
            try fill()
            if hasEnded {
                defer { rest = [] }
                return rest.isEmpty ? nil : rest
            }
        }
    }

    /// Whether a line can be had without waiting.
    var hasMore: Bool {
        if let end, block.contains(end) { return true }
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return !hasEnded && Foundation.poll(&poll, 1, 0) > 0
    }

    private func fill() throws(BatchError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var count = -1
        repeat { count = read(descriptor, &buffer, buffer.count) } while count < 0 && errno == EINTR
        guard count >= 0 else { throw .reading(path, code: errno) }
        hasEnded = count == 0
        block = buffer[..<count]
        if end == nil, count > 0 { end = block.contains(0) ? 0 : UInt8(ascii: "\n") }
    }
}
