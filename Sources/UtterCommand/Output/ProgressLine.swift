import Files
import Foundation
import Messages
import UtterTraining

/// Progress of long work on standard error: a line that is rewritten on a terminal, a plain one every ten seconds
/// elsewhere. Nothing is shown of work that is done within two seconds.
final class ProgressLine: @unchecked Sendable {  // its state is behind `lock`
    private let name: String
    private let unit: String
    private let isShown: Bool
    private let begin = Date()
    private var lastShown = Date()
    private var isOnScreen = false
    private let lock = NSLock()

    /// - Parameters:
    ///   - name: what is being done, or to which file.
    ///   - unit: what is counted.
    init(name: String, unit: String = "recordings", quiet: Bool) {
        self.name = OneLine.escaped(name)
        self.unit = unit
        isShown = !quiet
    }

    /// Shows how far one recording has come.
    func show(_ progress: Transcriber.Progress) {
        show { elapsed in
            let rate = progress.seconds / elapsed
            guard let total = progress.total, total > 0, rate > 0 else {
                return "\(Clock.text(progress.seconds)), \(Self.times(rate))"
            }
            let percent = Int(min(100, 100 * progress.seconds / total))
            let left = Clock.text(max(0, total - progress.seconds) / rate)
            return
                "\(Clock.text(progress.seconds)) of \(Clock.text(total)) (\(percent) %), \(Self.times(rate)), \(left) left"
        }
    }

    /// Shows how much is done of many recordings, or whatever is counted.
    @Sendable func show(_ progress: RowProgress) {
        guard progress.done > 0 else { return }
        show { elapsed in
            let percent = 100 * progress.done / max(1, progress.total)
            let left = Clock.text(elapsed * Double(progress.total - progress.done) / Double(progress.done))
            let rate = progress.seconds > 0 ? ", \(Self.times(progress.seconds / elapsed))" : ""
            return "\(progress.done) of \(progress.total) \(self.unit) (\(percent) %)\(rate), \(left) left"
        }
    }

    /// Takes the line off the screen.
    func clear() {
        lock.withLock {
            if isOnScreen { Descriptor.write("\r\u{1B}[K", to: STDERR_FILENO) }
            isOnScreen = false
        }
    }

    /// Shows a text, if it is time to show one.
    func show(_ text: (_ elapsed: Double) -> String) {
        lock.withLock {
            let now = Date()
            let elapsed = now.timeIntervalSince(begin)
            let pause = Standard.errorIsTerminal ? 0.2 : 10
            guard isShown, elapsed > 2, now.timeIntervalSince(lastShown) > pause else { return }
            lastShown = now
            let line = "\(name): \(text(elapsed))"
            if Standard.errorIsTerminal {
                // A line that wraps could not be rewritten.
                Descriptor.write("\r\u{1B}[K\(line.prefix(Self.terminalWidth - 1))", to: STDERR_FILENO)
                isOnScreen = true
            } else {
                Standard.error(line)
            }
        }
    }

    private static var terminalWidth: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
    }

    private static func times(_ rate: Double) -> String { String(format: "%.0f times real time", rate) }
}
