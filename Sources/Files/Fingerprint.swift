/// A sum of 64 bits over bytes or numbers (FNV-1a): equal content has equal sums, and two contents that differ hardly ever
/// do. No defence against somebody who wants them to be equal.
package struct Fingerprint: Sendable {
    @usableFromInline package var sum: UInt64

    /// Begins a sum; another beginning gives another sum of the same content.
    @inlinable package init(basis: UInt64 = 0xcbf2_9ce4_8422_2325) { sum = basis }

    /// The sum over bytes.
    @inlinable package static func sum(of bytes: some Sequence<UInt8>) -> UInt64 {
        var fingerprint = Fingerprint()
        fingerprint.add(bytes: bytes)
        return fingerprint.sum
    }

    /// Takes in the bytes of a text.
    package mutating func add(_ text: String) { add(bytes: text.utf8) }

    /// Takes in bytes.
    @inlinable package mutating func add(bytes: some Sequence<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ add(UnsafeRawBufferPointer($0)) }) != nil { return }
        for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    }

    /// The same of bytes that lie together: compiled here, since a generic loop is slow where another module calls it.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var sum = sum
        for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        self.sum = sum
    }

    /// Takes in a number, whole, with a shift that lets its high bits reach the low ones of the sum.
    @inlinable @inline(__always) package mutating func add(_ value: Float) {
        sum = (sum ^ UInt64(value.bitPattern)) &* 0x0000_0100_0000_01b3
        sum ^= sum >> 29
    }
}
