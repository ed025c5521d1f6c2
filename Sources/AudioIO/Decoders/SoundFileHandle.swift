import CSndFile
import Files
import Foundation

/// The one place that holds a `SNDFILE *`: opens, reads, writes and closes it.
final class SoundFileHandle {
    /// As libsndfile filled it in.
    let info: SF_INFO
    /// The message of the last call's error; nil after a success.
    private(set) var error: String?

    /// Nil once closed.
    private var pointer: OpaquePointer?
    /// Kept alive for as long as libsndfile may call it.
    private let virtualFile: VirtualFile?

    /// Why libsndfile did not open a file.
    struct OpenFailure: Error {
        let code: Int32
        let reason: String

        var isUnknownFormat: Bool { code == SF_ERR_UNRECOGNISED_FORMAT }
    }

    /// The mode of a file that is read.
    static let reading = SFM_READ

    /// libsndfile keeps the reason of a failed open in a global.
    private static let openLock = NSLock()

    /// Opens a descriptor, which stays the caller's; it must stand at the start of the file.
    init(descriptor: Int32, mode: Int, info: SF_INFO = SF_INFO()) throws(OpenFailure) {
        // The duplicate belongs to libsndfile, which closes it even when opening fails.
        let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard duplicate >= 0 else {
            throw OpenFailure(code: Int32(SF_ERR_SYSTEM), reason: FileError.words(of: errno))
        }
        (pointer, self.info) = try Self.open(info) { sf_open_fd(duplicate, Int32(mode), $0, Int32(SF_TRUE)) }
        virtualFile = nil
    }

    /// Opens a file that is not quite what lies on the disk.
    init(_ file: VirtualFile) throws(OpenFailure) {
        var callbacks = VirtualFile.callbacks
        (pointer, info) = try Self.open(SF_INFO()) {
            sf_open_virtual(&callbacks, Int32(SFM_READ), $0, Unmanaged.passUnretained(file).toOpaque())
        }
        virtualFile = file
    }

    deinit { _ = close() }

    /// Reads interleaved frames; the buffer must hold `frames * info.channels` samples. Fewer come at the end.
    func read(into buffer: UnsafeMutableBufferPointer<Float>, frames: Int) -> Int {
        guard let pointer, let base = buffer.baseAddress, buffer.count >= frames * Int(info.channels) else { return 0 }
        let count = Int(sf_readf_float(pointer, base, sf_count_t(frames)))
        noteError()
        return max(0, min(count, frames))
    }

    /// Writes interleaved samples as they are. Returns whether all were taken.
    func write(_ samples: [Float]) -> Bool {
        guard let pointer else { return false }
        let count = sf_write_float(pointer, samples, sf_count_t(samples.count))
        noteError()
        return count == sf_count_t(samples.count) && error == nil
    }

    /// Writes interleaved samples whose full scale is the whole range of `Int32`. Returns whether all were taken.
    func write(_ samples: [Int32]) -> Bool {
        guard let pointer else { return false }
        let count = sf_write_int(pointer, samples, sf_count_t(samples.count))
        noteError()
        return count == sf_count_t(samples.count) && error == nil
    }

    /// Sets one of libsndfile's switches.
    func set(_ command: Int, _ isOn: Bool) {
        guard let pointer else { return }
        sf_command(pointer, Int32(command), nil, Int32(isOn ? SF_TRUE : SF_FALSE))
    }

    /// Closes the file, which completes one that was written; later calls do nothing. Returns what went wrong.
    func close() -> String? {
        guard let open = pointer else { return nil }
        pointer = nil
        let code = sf_close(open)
        return code == SF_ERR_NO_ERROR ? nil : sf_error_number(code).map { Self.trimmed(String(cString: $0)) }
    }

    /// libsndfile's name of a container or an encoding.
    static func name(ofFormat format: Int32) -> String {
        var query = SF_FORMAT_INFO()
        query.format = format
        let size = Int32(MemoryLayout<SF_FORMAT_INFO>.size)
        guard sf_command(nil, Int32(SFC_GET_FORMAT_INFO), &query, size) == 0, let name = query.name else {
            return "format 0x" + String(format, radix: 16)
        }
        return String(cString: name)
    }

    private static func open(
        _ requested: SF_INFO, _ call: (UnsafeMutablePointer<SF_INFO>) -> OpaquePointer?
    ) throws(OpenFailure) -> (OpaquePointer, SF_INFO) {
        openLock.lock()
        defer { openLock.unlock() }
        var info = requested
        guard let pointer = call(&info) else {
            let reason = sf_strerror(nil).map { String(cString: $0) } ?? ""
            throw OpenFailure(code: sf_error(nil), reason: trimmed(reason))
        }
        return (pointer, info)
    }

    private func noteError() {
        error =
            sf_error(pointer) == SF_ERR_NO_ERROR
            ? nil : Self.trimmed(sf_strerror(pointer).map { String(cString: $0) } ?? "")
    }

    /// "Error : flac decoder lost sync." to "flac decoder lost sync".
    private static func trimmed(_ reason: String) -> String {
        var reason = reason.trimmingCharacters(in: CharacterSet(charactersIn: ". \n"))
        if reason.hasPrefix("Error : ") { reason.removeFirst(8) }
        return reason.isEmpty ? "libsndfile gave no reason" : reason
    }
}
