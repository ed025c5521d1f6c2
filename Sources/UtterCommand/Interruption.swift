import Dispatch
import Foundation

/// Ctrl-C and the polite wish of a system to end, seen by work that can stop at a good place. The second one ends the
/// program at once.
final class Interruption: @unchecked Sendable {  // its state is behind `lock`
    private let lock = NSLock()
    private var wasAsked = false
    private var sources: [any DispatchSourceSignal] = []

    init(_ said: @escaping @Sendable () -> Void) {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [weak self] in
                self?.lock.withLock { self?.wasAsked = true }
                signal(number, SIG_DFL)
                said()
            }
            source.resume()
            sources.append(source)
        }
    }

    /// Whether somebody wants an end.
    var isRequested: Bool { lock.withLock { wasAsked } }
}
