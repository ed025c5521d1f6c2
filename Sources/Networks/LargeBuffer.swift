import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Many megabytes of float32, with anything in them at first, that a pass over a batch writes once and soon gives back.
///
/// The memory of one batch serves the next: fresh pages, which the system has to clear, take a twentieth of a training
/// step. On Linux it lies in large pages, since steps of a batch that touch a page for each row and gate wait for the
/// translation of small ones.
struct LargeBuffer: Sendable {
    private final class Memory: @unchecked Sendable {  // written by its only owner alone
        let start: UnsafeMutableRawPointer
        let bytes: Int
        let count: Int

        init(count: Int) {
            self.count = count
            (start, bytes) = Shelf.shared.take(bytes: max(count * 4, 64))
        }

        deinit { Shelf.shared.putBack(start, bytes: bytes) }

        var floats: UnsafeMutablePointer<Float> { start.bindMemory(to: Float.self, capacity: max(count, 1)) }
    }

    private var memory: Memory

    /// Takes memory for `count` numbers.
    init(count: Int) { memory = Memory(count: count) }

    var count: Int { memory.count }

    func withUnsafeBufferPointer<R>(_ body: (UnsafeBufferPointer<Float>) -> R) -> R {
        withExtendedLifetime(memory) { body(UnsafeBufferPointer(start: memory.floats, count: memory.count)) }
    }

    /// Copies the memory first if it has another owner.
    mutating func withUnsafeMutableBufferPointer<R>(_ body: (UnsafeMutableBufferPointer<Float>) -> R) -> R {
        if !isKnownUniquelyReferenced(&memory) {
            let copy = Memory(count: memory.count)
            copy.floats.update(from: memory.floats, count: memory.count)
            memory = copy
        }
        return withExtendedLifetime(memory) {
            body(UnsafeMutableBufferPointer(start: memory.floats, count: memory.count))
        }
    }
}

/// Memory that nobody uses at the moment. What lies here and what is in use are together never more than what was once
/// in use at the same time.
private final class Shelf: @unchecked Sendable {  // its state is behind `lock`
    static let shared = Shelf()

    private static let pageSize = 1 << 21
    private let lock = NSLock()
    private var idle: [(start: UnsafeMutableRawPointer, bytes: Int)] = []
    private var inUse = 0
    private var peak = 0

    /// The smallest that is large enough, or new memory.
    func take(bytes wanted: Int) -> (UnsafeMutableRawPointer, Int) {
        lock.withLock {
            let fitting = idle.indices.filter { idle[$0].bytes >= wanted }.min { idle[$0].bytes < idle[$1].bytes }
            let memory = fitting.map { idle.remove(at: $0) } ?? allocate(wanted)
            inUse += memory.bytes
            peak = max(peak, inUse)
            discard()
            return memory
        }
    }

    func putBack(_ start: UnsafeMutableRawPointer, bytes: Int) {
        lock.withLock {
            inUse -= bytes
            idle.append((start, bytes))
            discard()
        }
    }

    private func discard() {
        var held = inUse + idle.reduce(0) { $0 + $1.bytes }
        while held > peak, !idle.isEmpty {
            let oldest = idle.removeFirst()
            held -= oldest.bytes
            oldest.start.deallocate()
        }
    }

    private func allocate(_ wanted: Int) -> (start: UnsafeMutableRawPointer, bytes: Int) {
        let isLarge = wanted >= 2 * Self.pageSize
        let bytes = isLarge ? (wanted + Self.pageSize - 1) / Self.pageSize * Self.pageSize : wanted
        let start = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: isLarge ? Self.pageSize : 64)
        #if canImport(Glibc)
            // Advice alone: without it, the memory is as good.
            if isLarge { madvise(start, bytes, MADV_HUGEPAGE) }
        #endif
        return (start, bytes)
    }
}
