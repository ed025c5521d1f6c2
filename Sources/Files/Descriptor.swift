import Foundation

/// Reading and writing through file descriptors: whole blocks, and interruptions by signals are no errors.
package enum Descriptor {
    /// Reads up to so many bytes as the buffer holds.
    /// - Parameter offset: where in the file; nil where the descriptor stands.
    /// - Returns: 0 at the end; -1, with `errno`, where nothing can be read.
    package static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int? = nil)
        -> Int
    {
        var count = -1
        repeat {
            count =
                offset.map { pread(descriptor, buffer.baseAddress, buffer.count, off_t($0)) }
                ?? Foundation.read(descriptor, buffer.baseAddress, buffer.count)
        } while count < 0 && errno == EINTR
        return count
    }

    /// Writes all bytes; false, with `errno`, where that cannot be. (Foundation's file handle would trap.)
    package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        return true
    }

    /// Writes all of a text; false, with `errno`, where that cannot be.
    @discardableResult
    package static func write(_ text: String, to descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
    }
}
