import Foundation
import Utter

/// Progress of work on many recordings on standard error: a line that is rewritten on a terminal, a plain one every ten
/// seconds elsewhere. Nothing is shown of work that is done within two seconds.
final class RowProgressLine: @unchecked Sendable {  // its state is behind `lock`
    private let name: String
    private let isShown: Bool
    private let begin = Date()
    private var lastShown = Date()
    private var isOnScreen = false
    private let lock = NSLock()

    /// - Parameter name: what is being done.
    init(name: String, quiet: Bool) {
        self.name = name
        isShown = !quiet
    }

    @Sendable func show(_ progress: RowProgress) {
        lock.withLock {
            let now = Date()
            let elapsed = now.timeIntervalSince(begin)
            guard isShown, progress.done > 0, elapsed > 2,
                now.timeIntervalSince(lastShown) > (Standard.errorIsTerminal ? 0.2 : 10)
            else { return }
            lastShown = now
            let percent = 100 * progress.done / max(1, progress.total)
            let left = elapsed * Double(progress.total - progress.done) / Double(progress.done)
            var line = "\(name): \(progress.done) of \(progress.total) recordings (\(percent) %)"
            if progress.seconds > 0 { line += String(format: ", %.0f times real time", progress.seconds / elapsed) }
            line += String(format: ", %d:%02d left", Int(left) / 60, Int(left) % 60)
            if Standard.errorIsTerminal {
                FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
                isOnScreen = true
            } else {
                Standard.error(line)
            }
        }
    }

    /// Takes the line off the screen.
    func clear() {
        lock.withLock {
            if isOnScreen { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
            isOnScreen = false
        }
    }
}
