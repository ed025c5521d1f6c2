/// Reads what ``BitWriter`` wrote.
struct BitReader {
    let base: UnsafeRawPointer

    /// The number of at most 32 bits that begins at this bit.
    @inline(__always)
    func value(at bit: Int, bits: Int) -> UInt32 {
        let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self))
        return UInt32(truncatingIfNeeded: (word >> UInt64(bit & 7)) & (1 << UInt64(bits) &- 1))
    }
}
