import CTC
import Files
import Foundation
import Transcription

/// What the network said of a long recording's windows so far, in a file beside the ledger: a process that is killed, or a
/// run that is stopped, loses no more than the last few windows, and who goes on computes none of them again.
///
/// The file has a key, that of the recording and the model, and then a record for each group of windows, each with a sum over
/// its bytes: one that was cut by a power failure ends what can be read, and is written over. It takes four bytes for each
/// column of the posteriors and step, and is removed when the transcript is in the ledger.
final class PosteriorJournal: WindowMemory {
    /// The file.
    let path: RawPath
    private let columns: Int
    private var descriptor: Int32
    /// Bytes of the records that are read or written so far.
    private var place: off_t
    /// Whether all that was there before is read.
    private var isAtEnd = false

    private static let magic = Array("utterpo1".utf8)

    /// Opens or makes the journal of a recording.
    /// - Parameters:
    ///   - folder: that of ``BatchFolder/hidden``.
    ///   - recording: its path.
    ///   - key: all that decides the posteriors: a journal of another key is written anew.
    ///   - columns: of the posteriors.
    /// - Returns: nil where nothing can be written there: the recording is then heard without it.
    init?(in folder: RawPath, of recording: RawPath, key: String, columns: Int) {
        path = Self.path(of: recording, in: folder)
        self.columns = columns
        descriptor = open(path.cString, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { return nil }
        var sum = Fingerprint()
        sum.add("\(key)\n\(columns)")
        let header = Self.magic + Self.bytes(of: sum.sum)
        place = off_t(header.count)
        if Self.read(descriptor, header.count, at: 0) != header {
            isAtEnd = true
            guard ftruncate(descriptor, 0) == 0, Self.write(header, to: descriptor, at: 0) else {
                close(descriptor)
                return nil
            }
        }
    }

    deinit { close(descriptor) }

    /// Where the journal of a recording lies.
    static func path(of recording: RawPath, in folder: RawPath) -> RawPath {
        var sum = Fingerprint()
        sum.add(bytes: recording.bytes)
        return folder.appending(RawPath(prefix + String(format: "%016lx", sum.sum)))
    }

    private static let prefix = "posteriors-"

    /// Takes away journals that nobody will read: of recordings that are gone, or done by others.
    static func clear(_ folder: RawPath) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.text)) ?? []
        where name.hasPrefix(prefix) { unlink(folder.appending(RawPath(name)).cString) }
    }

    func recall(_ windows: [Range<Int>], models: Int) -> [[LogProbabilities]]? {
        guard !isAtEnd, models == 1 else { return nil }
        guard let (posteriors, bytes) = record(of: windows) else {
            isAtEnd = true
            _ = ftruncate(descriptor, place)
            return nil
        }
        place += off_t(bytes)
        return [posteriors]
    }

    func keep(_ posteriors: [[LogProbabilities]], of windows: [Range<Int>]) {
        guard isAtEnd, posteriors.count == 1 else { return }
        var head: [UInt8] = []
        var body: [UInt8] = []
        for (window, posteriors) in zip(windows, posteriors[0]) {
            head += Self.bytes(of: UInt64(window.lowerBound)) + Self.bytes(of: UInt64(window.upperBound))
            head += Self.bytes(of: UInt64(posteriors.steps))
            posteriors.values.withUnsafeBytes { body += $0 }
        }
        let record = head + Self.bytes(of: Self.sum(head, body)) + body
        // Where the disk is full the work goes on: what is not kept is computed again by whoever needs it.
        guard Self.write(record, to: descriptor, at: place) else {
            _ = ftruncate(descriptor, place)
            return
        }
        place += off_t(record.count)
    }

    /// The record at the present place, if it is whole and of these windows.
    private func record(of windows: [Range<Int>]) -> (posteriors: [LogProbabilities], bytes: Int)? {
        let headBytes = windows.count * 24
        guard let head = Self.read(descriptor, headBytes + 8, at: place) else { return nil }
        var steps: [Int] = []
        for (index, window) in windows.enumerated() {
            let fields = (0..<3).map { Self.number(head, at: index * 24 + $0 * 8) }
            // No window has more steps than frames.
            guard fields[0] == UInt64(window.lowerBound), fields[1] == UInt64(window.upperBound),
                fields[2] <= UInt64(window.count)
            else { return nil }
            steps.append(Int(fields[2]))
        }
        let bodyBytes = steps.reduce(0, +) * columns * MemoryLayout<Float>.size
        guard let body = Self.read(descriptor, bodyBytes, at: place + off_t(headBytes + 8)),
            Self.number(head, at: headBytes) == Self.sum(Array(head[..<headBytes]), body)
        else { return nil }
        let values = body.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        var first = 0
        let posteriors = steps.map { steps in
            defer { first += steps * columns }
            return LogProbabilities(classes: columns, values: Array(values[first..<first + steps * columns]))
        }
        return (posteriors, headBytes + 8 + bodyBytes)
    }

    private static func sum(_ head: [UInt8], _ body: [UInt8]) -> UInt64 {
        var sum = Fingerprint()
        sum.add(bytes: head)
        sum.add(bytes: body)
        return sum.sum
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    private static func number(_ bytes: [UInt8], at place: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[place + $1]) << (8 * $1) }
    }

    /// So many bytes; nil where there are fewer.
    private static func read(_ descriptor: Int32, _ count: Int, at place: off_t) -> [UInt8]? {
        // Nothing is set aside for a length that the file cannot have.
        var status = stat()
        guard fstat(descriptor, &status) == 0, off_t(count) <= status.st_size - place else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let part = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress.map { $0 + done }, count - done, place + off_t(done))
            }
            if part < 0, errno == EINTR { continue }
            guard part > 0 else { return nil }
            done += part
        }
        return bytes
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, at place: off_t) -> Bool {
        var done = 0
        while done < bytes.count {
            let part = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done, place + off_t(done))
            }
            if part < 0, errno == EINTR { continue }
            guard part > 0 else { return false }
            done += part
        }
        return true
    }
}
