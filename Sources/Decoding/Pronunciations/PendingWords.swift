import Foundation

/// Words by their pronunciations that may still be under construction, while something else goes on: the tree of 200,000
/// pronunciations takes as long as it takes to hear some seconds of speech.
public final class PendingWords: @unchecked Sendable {  // its state is behind `lock`
    /// ``SpokenWords/columns``.
    public let columns: Int
    private let lock = NSLock()
    private var build: (@Sendable () throws -> SpokenWords)?
    private var result: Result<SpokenWords, any Error>?

    /// Words that are there.
    public init(_ words: SpokenWords) { (columns, result) = (words.columns, .success(words)) }

    /// Words to be built.
    /// - Parameters:
    ///   - columns: of the posteriors, as the words will have them.
    ///   - inBackground: whether a thread of its own begins at once; else they are built when they are asked for.
    ///   - build: makes the words; is called once.
    public init(columns: Int, inBackground: Bool, build: @escaping @Sendable () throws -> SpokenWords) {
        (self.columns, self.build) = (columns, build)
        if inBackground { Thread.detachNewThread { [self] in _ = try? words() } }
    }

    /// The words, once they are built.
    /// - Throws: what `build` threw.
    public func words() throws -> SpokenWords {
        try lock.withLock {
            if let build {
                result = Result { try build() }
                self.build = nil
            }
            guard let result else { throw CancellationError() }
            return try result.get()
        }
    }
}
