import Foundation
import Messages
import Text

/// The lines of a text file, of standard input (`-`), or of a file compressed with gzip or xz, one after the other; memory does not
/// grow with the file.
///
/// Compressed files are known by their first bytes, not by their names, and are expanded by the system's `gzip` and `xz`,
/// which run beside this process: one more core reads, and no library is needed for it. A byte order mark at the start and carriage
/// returns before line ends are dropped.
package final class LineSource {
    /// What NUL characters are.
    package enum NULs {
        /// An error: text has none.
        case refused
        /// Part of the line.
        case kept
        /// Where one is in the first block, they end lines in place of line feeds, as `find -print0` writes them.
        case endingLines
    }

    /// The path, as given.
    package let path: String
    /// The number of the line that was read last, counted from 1.
    package private(set) var number = 0
    /// Where that line begins, in bytes from the start of the (expanded) text.
    package private(set) var offset = 0
    /// Whether that line is longer than allowed; it is then handed over without its bytes.
    package private(set) var isTooLong = false

    private let nuls: NULs
    private let longest: Int
    private let descriptor: Int32
    private let file: FileHandle
    private let pipe: Pipe?
    private let expander: Process?
    private let program: String
    private let buffer: UnsafeMutableRawBufferPointer
    private var pending: [UInt8] = []
    private var begin = 0
    private var end = 0
    private var consumed = 0
    private var separator = UInt8(ascii: "\n")
    private var isAtEnd = false
    private var isBegun = false

    /// - Parameters:
    ///   - path: a file, or `-` for standard input.
    ///   - longest: bytes of a line.
    /// - Throws: ``FileError`` where it cannot be opened.
    package convenience init(path: String, nuls: NULs = .refused, longest: Int = .max) throws {
        // C would end the path there, and open another file.
        guard !path.utf8.contains(0) else { throw FileError.doesNotExist(path: path) }
        try self.init(RawPath(path), nuls: nuls, longest: longest)
    }

    /// - Parameter rawPath: a file, or `-` for standard input.
    /// - Throws: ``FileError`` where it cannot be opened.
    package init(_ rawPath: RawPath, nuls: NULs, longest: Int = .max) throws {
        (path, self.nuls, self.longest) = (rawPath.text, nuls, longest)
        let isStandard = StandardStream.isNamed(by: path)
        let opened =
            isStandard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(rawPath.cString, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw FileError.reading(path, code: errno) }
        file = FileHandle(fileDescriptor: opened, closeOnDealloc: true)
        var status = stat()
        if fstat(opened, &status) == 0, status.isFolder { throw FileError.isFolder(path: path) }
        let compression = isStandard ? nil : Self.compression(of: opened)
        program = compression ?? ""
        if let compression {
            let (process, pipe) = (Process(), Pipe())
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [compression, "-dc"]
            process.standardInput = file
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            do { try process.run() } catch {
                throw FileError.decompression(path: path, program: compression, reason: "it did not start")
            }
            // Our copy of the end that is written to, without which the end of the data would never come.
            try? pipe.fileHandleForWriting.close()
            (expander, self.pipe, descriptor) = (process, pipe, pipe.fileHandleForReading.fileDescriptor)
        } else {
            (expander, pipe, descriptor) = (nil, nil, opened)
        }
        buffer = .allocate(byteCount: 1 << 20, alignment: 16)
    }

    deinit {
        buffer.deallocate()
        if let expander, expander.isRunning {
            expander.terminate()
            expander.waitUntilExit()
        }
    }

    /// The program that expands a file with these first bytes; reading at a place leaves the position at the start.
    private static func compression(of descriptor: Int32) -> String? {
        var start = [UInt8](repeating: 0, count: 6)
        let count = start.withUnsafeMutableBytes { Descriptor.read(descriptor, into: $0, at: 0) }
        if count >= 2, start[0] == 0x1f, start[1] == 0x8b { return "gzip" }
        return count == 6 && start == [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0] ? "xz" : nil
    }

    /// Hands the next line to the body, without its end, for the time of the call.
    /// - Returns: nil at the end of the text.
    /// - Throws: ``FileError``, or what the body throws.
    package func next<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result? {
        pending.removeAll(keepingCapacity: true)
        (offset, isTooLong) = (consumed, false)
        while true {
            let rest = UnsafeRawBufferPointer(rebasing: buffer[begin..<end])
            if let start = rest.baseAddress, let found = memchr(start, Int32(separator), rest.count) {
                let count = UnsafeRawPointer(found) - start
                begin += count + 1
                consumed += count + 1
                let line = UnsafeRawBufferPointer(rebasing: rest[..<count])
                if pending.isEmpty, !isTooLong { return try hand(line, body) }
                keep(line)
                return try pending.withUnsafeBytes { try hand($0, body) }
            }
            keep(rest)
            consumed += rest.count
            guard try fill() else {
                return pending.isEmpty && !isTooLong ? nil : try pending.withUnsafeBytes { try hand($0, body) }
            }
        }
    }

    /// Whether a line can be had without waiting.
    package var hasMore: Bool {
        if buffer[begin..<end].contains(separator) { return true }
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return !isAtEnd && Foundation.poll(&poll, 1, 0) > 0
    }

    private func keep(_ part: UnsafeRawBufferPointer) {
        if pending.count + part.count > longest { isTooLong = true }
        if isTooLong { pending.removeAll() } else { pending.append(contentsOf: part) }
    }

    private func hand<Result>(
        _ line: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        number += 1
        var line = line
        if line.count > longest { isTooLong = true }
        if isTooLong { line = UnsafeRawBufferPointer(rebasing: line[..<0]) }
        if separator != 0, line.last == UInt8(ascii: "\r") { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
        // A mark of the byte order, as editors on Windows write it.
        if number == 1, line.starts(with: [0xef, 0xbb, 0xbf]) {
            line = UnsafeRawBufferPointer(rebasing: line.dropFirst(3))
        }
        if nuls == .refused, line.contains(0) {
            throw FileError.badLine(
                path: path, line: number, reason: "it has a NUL character",
                remedy: "give UTF-8 text, without such characters")
        }
        return try body(line)
    }

    /// Reads more; false at the end.
    private func fill() throws -> Bool {
        (begin, end) = (0, 0)
        guard !isAtEnd else { return false }
        let count = Descriptor.read(descriptor, into: buffer)
        guard count >= 0 else { throw FileError.reading(path, code: errno) }
        if count > 0 {
            end = count
            if !isBegun { try inspect(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            return true
        }
        isAtEnd = true
        if let expander {
            expander.waitUntilExit()
            guard expander.terminationStatus == 0 else {
                let isMissing = expander.terminationStatus == 127
                throw FileError.decompression(
                    path: path, program: program,
                    reason: isMissing ? "\(program) is not installed" : "\(program) finds it damaged")
            }
        }
        return false
    }

    /// Looks at the first block.
    private func inspect(_ block: UnsafeRawBufferPointer) throws {
        isBegun = true
        if nuls == .endingLines {
            if block.contains(0) { separator = 0 }
        } else if let problem = FileBeginning.problem(block) {
            throw FileError.notText(path: path, reason: problem.reason, remedy: problem.mend)
        }
    }
}
