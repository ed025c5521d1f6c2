import Foundation
import Text

/// The lines of a text file, of standard input, or of a file compressed with gzip or xz.
///
/// Compressed files are known by their first bytes, not by their names, and are expanded by the system's `gzip` and `xz`,
/// which run beside this process: one more core reads, and no library is needed for it.
package final class InputLines {
    /// Names standard input among the paths.
    static let standardInput = "-"
    /// The path, as given.
    package let path: String
    /// The number of the line that was read last, counted from 1.
    package private(set) var number = 0

    private let descriptor: Int32
    private let file: FileHandle?
    private let pipe: Pipe?
    private let expander: Process?
    private let program: String
    private let buffer: UnsafeMutableRawBufferPointer
    private var pending: [UInt8] = []
    private var begin = 0
    private var end = 0
    private var isAtEnd = false
    private var isBegun = false

    /// - Parameter path: a file, or `-` for standard input.
    /// - Throws: ``LanguageModelError`` where it cannot be opened.
    package init(path: String) throws {
        self.path = path
        var compression: String?
        if path == Self.standardInput {
            file = nil
            descriptor = STDIN_FILENO
        } else {
            guard !path.isEmpty, !path.utf8.contains(0) else {
                throw LanguageModelError.unreadable(path: path, reason: "this is no path")
            }
            let opened = open(path, O_RDONLY | O_CLOEXEC)
            guard opened >= 0 else { throw LanguageModelError.reading(path, code: errno) }
            let handle = FileHandle(fileDescriptor: opened, closeOnDealloc: true)
            file = handle
            var status = stat()
            guard fstat(opened, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
                throw LanguageModelError.unreadable(path: path, reason: "it is a folder")
            }
            compression = Self.compression(of: opened)
            descriptor = opened
        }
        program = compression ?? ""
        if let compression, let file {
            let (process, pipe) = (Process(), Pipe())
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [compression, "-dc"]
            process.standardInput = file
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            do { try process.run() } catch {
                throw LanguageModelError.decompression(path: path, program: compression, reason: "it did not start")
            }
            // Our copy of the end that is written to, without which the end of the data would never come.
            try? pipe.fileHandleForWriting.close()
            (expander, self.pipe) = (process, pipe)
        } else {
            (expander, pipe) = (nil, nil)
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

    /// The program that expands a file with these first bytes; reading with `pread` leaves the position at the start.
    private static func compression(of descriptor: Int32) -> String? {
        var start = [UInt8](repeating: 0, count: 6)
        let count = start.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, 6, 0) }
        if count >= 2, start[0] == 0x1f, start[1] == 0x8b { return "gzip" }
        return count == 6 && start == [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0] ? "xz" : nil
    }

    /// Hands the next line to the body, without its end (LF or CR LF), for the time of the call.
    /// - Returns: nil at the end of the text.
    package func next<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result? {
        pending.removeAll(keepingCapacity: true)
        while true {
            let rest = UnsafeRawBufferPointer(rebasing: buffer[begin..<end])
            if let start = rest.baseAddress, let found = memchr(start, 10, rest.count) {
                let count = UnsafeRawPointer(found) - start
                begin += count + 1
                let line = UnsafeRawBufferPointer(rebasing: rest[..<count])
                if pending.isEmpty { return try hand(line, body) }
                pending.append(contentsOf: line)
                return try pending.withUnsafeBytes { try hand($0, body) }
            }
            pending.append(contentsOf: rest)
            guard try fill() else {
                return pending.isEmpty ? nil : try pending.withUnsafeBytes { try hand($0, body) }
            }
        }
    }

    private func hand<Result>(
        _ line: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        number += 1
        var line = line
        if line.last == 13 { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
        // A mark of the byte order, as editors on Windows write it.
        if number == 1, line.starts(with: [0xef, 0xbb, 0xbf]) {
            line = UnsafeRawBufferPointer(rebasing: line.dropFirst(3))
        }
        guard !line.contains(0) else {
            throw LanguageModelError.badLine(
                path: path, line: number, reason: "it has a NUL character",
                mend: "give UTF-8 text, without such characters")
        }
        return try body(line)
    }

    /// Reads more; false at the end.
    private func fill() throws -> Bool {
        (begin, end) = (0, 0)
        guard !isAtEnd else { return false }
        while true {
            let count = read(pipe?.fileHandleForReading.fileDescriptor ?? descriptor, buffer.baseAddress, buffer.count)
            if count > 0 {
                end = count
                if !isBegun, let problem = FileBeginning.problem(buffer[..<count]) {
                    throw LanguageModelError.malformed(path: path, reason: problem.reason, mend: problem.mend)
                }
                isBegun = true
                return true
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw LanguageModelError.reading(path, code: errno)
            }
            isAtEnd = true
            if let expander {
                expander.waitUntilExit()
                guard expander.terminationStatus == 0 else {
                    let isMissing = expander.terminationStatus == 127
                    throw LanguageModelError.decompression(
                        path: path, program: program,
                        reason: isMissing ? "\(program) is not installed" : "\(program) finds it damaged")
                }
            }
            return false
        }
    }
}
