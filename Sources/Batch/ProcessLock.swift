import Files
import Foundation

/// What tells processes on one output folder whether the others are alive: a file that each holds locked (`flock`) for as
/// long as it lives, however it ends.
package final class ProcessLock: Sendable {
    /// Names this process in the ledger.
    package let token: String
    /// For unfinished files of this process.
    package let scratch: RawPath

    private let folder: RawPath
    private let descriptor: Int32

    /// - Parameter folder: that of ``BatchFolder``.
    /// - Throws: ``BatchError`` where nothing can be written there.
    package init(in folder: RawPath) throws(BatchError) {
        self.folder = folder
        while true {
            let token = String(UInt64.random(in: 0 ... .max), radix: 16)
            let path = Self.lock(of: token, in: folder)
            let descriptor = open(path.cString, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { throw .writing(path, code: errno) }
            var status = stat()
            // Another process that tidies up may have been faster, and have taken the file away.
            if Self.locks(descriptor, wait: true), fstat(descriptor, &status) == 0, status.st_nlink > 0 {
                (self.token, self.descriptor) = (token, descriptor)
                scratch = folder.appending(RawPath("\(token).tmp"))
                break
            }
            close(descriptor)
        }
        try BatchFolder.require(scratch)
    }

    deinit {
        Self.clear(token, in: folder)
        close(descriptor)
    }

    private static func lock(of token: String, in folder: RawPath) -> RawPath {
        folder.appending(RawPath("\(token).lock"))
    }

    /// Whether a process has ended. What it left unfinished is taken away.
    package static func hasEnded(_ token: String, in folder: RawPath) -> Bool {
        let descriptor = open(lock(of: token, in: folder).cString, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { return false }
            clear(token, in: folder)
            return true
        }
        defer { close(descriptor) }
        guard locks(descriptor, wait: false) else { return false }
        clear(token, in: folder)
        return true
    }

    /// Takes away what processes that have ended left.
    package static func tidy(_ folder: RawPath) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.text)) ?? []
        let tokens = Set(names.filter { $0.hasSuffix(".lock") || $0.hasSuffix(".tmp") }.map { $0.prefix { $0 != "." } })
        for token in tokens where UInt64(token, radix: 16) != nil { _ = hasEnded(String(token), in: folder) }
    }

    private static func clear(_ token: String, in folder: RawPath) {
        try? FileManager.default.removeItem(atPath: folder.appending(RawPath("\(token).tmp")).text)
        unlink(lock(of: token, in: folder).cString)
    }

    private static func locks(_ descriptor: Int32, wait: Bool) -> Bool {
        var result: Int32 = -1
        repeat { result = flock(descriptor, LOCK_EX | (wait ? 0 : LOCK_NB)) } while result != 0 && errno == EINTR
        return result == 0
    }

    /// Runs a body while no other process runs one under this name.
    static func alone<R>(_ name: String, in folder: RawPath, _ body: () throws -> R) throws -> R {
        let path = folder.appending(RawPath(name))
        let descriptor = open(path.cString, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw BatchError.writing(path, code: errno) }
        defer { close(descriptor) }
        guard locks(descriptor, wait: true) else { throw BatchError.writing(path, code: errno) }
        return try body()
    }
}
