import Foundation

/// A value that is made when somebody first asks for it; whoever asks meanwhile waits.
final class Lazily<Value: Sendable>: @unchecked Sendable {  // its state is behind `lock`
    private let lock = NSLock()
    private var make: (@Sendable () -> Value)?
    private var made: Value?

    /// - Parameter make: is called once at the most, and let go of then.
    init(_ make: @escaping @Sendable () -> Value) { self.make = make }

    var value: Value {
        lock.withLock {
            if let made { return made }
            guard let make else { preconditionFailure("neither a value nor what makes it") }
            let value = make()
            (made, self.make) = (value, nil)
            return value
        }
    }
}
