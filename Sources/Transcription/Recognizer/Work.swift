import Foundation

/// Runs work that takes long and does not suspend, away from the threads that tasks share.
enum Work {
    /// - Parameter body: is given what throws `CancellationError` once the task is cancelled, to be called now and then.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable (_ check: () throws -> Void) throws -> Value
    ) async throws -> Value {
        let flag = Flag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(
                        with: Result { try body { if flag.isSet { throw CancellationError() } } })
                }
            }
        } onCancel: {
            flag.set()
        }
    }

    private final class Flag: @unchecked Sendable {
        private let lock = NSLock()
        private var value = false

        var isSet: Bool { lock.withLock { value } }
        func set() { lock.withLock { value = true } }
    }
}
