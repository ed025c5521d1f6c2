import Files
import Foundation

/// Another program, run beside this one: its standard input is a file, what it writes is read through pipes.
///
/// Spawned directly: `AudioReader` is asked for samples by threads that wait for them, while swift-subprocess hands output to
/// asynchronous code alone, and a thread of the concurrency pool that waits for such code may wait for ever. The program has
/// a process group of its own, so that Ctrl-C, which lets a batch finish what is under way, does not cut it short.
final class ChildProcess {
    /// How the program ended.
    enum End: Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    private var processID: pid_t = -1
    private var output: Int32 = -1
    private var errors: Int32 = -1
    /// Takes lines of standard error, without their ends.
    private let report: (String) -> Void
    private var line: [UInt8] = []
    /// Whether all of its output was read, so that it need not be killed.
    private var hasEnded = false

    /// A line is kept no longer than this.
    private static let longestLine = 2_000
    /// A program that gives nothing for so long (milliseconds) is taken to hang.
    private static let longestWait: Int32 = 120_000
    /// A descriptor that is made and not yet marked would go to what another thread spawns.
    private static let spawning = NSLock()

    struct SpawnFailure: Error { let code: Int32 }

    /// - Parameters:
    ///   - path: the program.
    ///   - arguments: its name first.
    ///   - input: a descriptor that becomes its standard input; it stays the caller's.
    ///   - report: is given each line that it writes to standard error, on the thread that reads.
    init(
        path: String, arguments: [String], input: Int32, report: @escaping (String) -> Void
    ) throws(SpawnFailure) {
        self.report = report
        let code = Self.spawning.withLock { spawn(path, arguments, input) }
        guard code == 0 else { throw SpawnFailure(code: code) }
    }

    deinit { end() }

    private func spawn(_ path: String, _ arguments: [String], _ input: Int32) -> Int32 {
        var given: [Int32] = []
        defer { given.forEach { close($0) } }
        // None of them among the first three, which the program gets anew.
        func kept(_ descriptor: Int32) -> Int32 { fcntl(descriptor, F_DUPFD_CLOEXEC, 3) }
        func makePipe() -> (reading: Int32, writing: Int32)? {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { return nil }
            defer { ends.forEach { close($0) } }
            return (kept(ends[0]), kept(ends[1]))
        }
        guard let out = makePipe() else { return errno }
        (output, given) = (out.reading, given + [out.writing])
        guard let err = makePipe() else { return errno }
        (errors, given) = (err.reading, given + [err.writing])
        let source = kept(input)
        given.append(source)
        guard output >= 0, errors >= 0, given.allSatisfy({ $0 >= 0 }) else { return EMFILE }

        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (target, descriptor) in [source, out.writing, err.writing].enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
        }
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))

        var environment = ProcessInfo.processInfo.environment
        environment["LC_ALL"] = "C"
        environment["AV_LOG_FORCE_NOCOLOR"] = "1"
        return Self.withStrings(arguments) { arguments in
            Self.withStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&processID, path, &actions, &attributes, arguments, environment)
            }
        }
    }

    /// Reads what the program writes, waiting for at least one byte; 0 once it has closed its output.
    func read(_ target: UnsafeMutableRawBufferPointer) -> Int {
        while output >= 0 {
            var waiting = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
            if errors >= 0 { waiting.append(pollfd(fd: errors, events: Int16(POLLIN), revents: 0)) }
            let ready = poll(&waiting, nfds_t(waiting.count), Self.longestWait)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else {
                report("[fatal] it gave nothing for \(Self.longestWait / 1_000) seconds")
                return 0
            }
            if waiting.count > 1, waiting[1].revents != 0 { readErrors() }
            guard waiting[0].revents != 0 else { continue }
            let count = Foundation.read(output, target.baseAddress, target.count)
            if count < 0, errno == EINTR { continue }
            if count > 0 { return count }
            hasEnded = true
            break
        }
        return 0
    }

    /// Fills a buffer; fewer bytes only at the end.
    func fill(_ target: UnsafeMutableRawBufferPointer) -> Int {
        var done = 0
        while done < target.count {
            let count = read(UnsafeMutableRawBufferPointer(rebasing: target[done...]))
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Waits for its end, where it has closed its output, and takes what it has yet to say; kills it where it has not.
    @discardableResult func end() -> End {
        if hasEnded {
            while errors >= 0, isReadable(errors) { readErrors() }
        } else if processID > 0 {
            kill(processID, SIGKILL)
        }
        for descriptor in [output, errors] where descriptor >= 0 { close(descriptor) }
        (output, errors) = (-1, -1)
        guard processID > 0 else { return .signal(SIGKILL) }
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0, errno == EINTR {}
        processID = -1
        return status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
    }

    private func isReadable(_ descriptor: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // It closes its outputs together; what it says last comes a moment later at most.
        let ready = poll(&waiting, 1, 2_000)
        return ready > 0 && waiting.revents & Int16(POLLIN | POLLHUP) != 0
    }

    private func readErrors() {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = Foundation.read(errors, &bytes, bytes.count)
        if count < 0, errno == EINTR { return }
        guard count > 0 else {
            close(errors)
            errors = -1
            if !line.isEmpty { report(String(decoding: line, as: UTF8.self)) }
            line = []
            return
        }
        for byte in bytes[..<count] {
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                report(String(decoding: line, as: UTF8.self))
                line.removeAll(keepingCapacity: true)
            } else if line.count < Self.longestLine {
                line.append(byte)
            }
        }
    }

    /// Gives strings as C has them, an array that ends with nil.
    private static func withStrings<R>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        return body(&pointers)
    }

    /// Where a program lies; nil where it is not installed.
    static func find(_ name: String) -> String? {
        // Never from the working directory, whatever PATH says.
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
            .first { RawPath($0).isFile && access($0, X_OK) == 0 }
    }
}
