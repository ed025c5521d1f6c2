import Foundation
import Messages
import Utter

/// Progress of a long recording on standard error: a line that is rewritten on a terminal, a plain one every ten
/// seconds elsewhere. Nothing is shown of work that is done within two seconds.
final class ProgressLine {
    private let name: String
    private let isShown: Bool
    private let begin = Date()
    private var lastShown = Date()
    private var isOnScreen = false

    init(name: String, quiet: Bool) {
        self.name = OneLine.escaped(name)
        isShown = !quiet
    }

    func show(_ progress: Transcriber.Progress) {
        let now = Date()
        let elapsed = now.timeIntervalSince(begin)
        guard isShown, elapsed > 2, now.timeIntervalSince(lastShown) > (Standard.errorIsTerminal ? 0.2 : 10) else {
            return
        }
        lastShown = now
        let rate = progress.seconds / elapsed
        var line = "\(name): \(clock(progress.seconds))"
        if let total = progress.total, total > 0 {
            line += " of \(clock(total)) (\(Int(min(100, 100 * progress.seconds / total))) %)"
            line += String(format: ", %.0f times real time", rate)
            line += ", \(clock(max(0, total - progress.seconds) / rate)) left"
        } else {
            line += String(format: ", %.0f times real time", rate)
        }
        if Standard.errorIsTerminal {
            FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
            isOnScreen = true
        } else {
            Standard.error(line)
        }
    }

    /// Takes the line off the screen.
    func clear() {
        if isOnScreen { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
        isOnScreen = false
    }

    private func clock(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 1e9))
        return whole >= 3600
            ? String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
            : String(format: "%d:%02d", whole / 60, whole % 60)
    }
}
