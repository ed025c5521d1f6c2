/// Numbers of a fixed count of bits, one after the other, the least significant bit first.
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var pending: UInt64 = 0
    private var pendingBits = 0

    /// Appends the lowest bits, at most 32, of a number.
    mutating func append(_ value: UInt32, bits: Int) {
        pending |= (UInt64(value) & (1 << UInt64(bits) &- 1)) << UInt64(pendingBits)
        pendingBits += bits
        while pendingBits >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: pending))
            pending >>= 8
            pendingBits -= 8
        }
    }

    /// Completes the last byte, and adds eight more: a reader takes eight at a time.
    mutating func finish() {
        if pendingBits > 0 { bytes.append(UInt8(truncatingIfNeeded: pending)) }
        (pending, pendingBits) = (0, 0)
        bytes.append(contentsOf: [UInt8](repeating: 0, count: 8))
    }

    /// How many bytes so many records take, the eight at the end included; nil beyond what a file can have.
    static func size(records: Int, bits: Int) -> Int? {
        let (total, overflow) = records.multipliedReportingOverflow(by: bits)
        return overflow || total > Int.max - 64 ? nil : (total + 7) / 8 + 8
    }

    /// How many bits the numbers up to this one need.
    static func bits(for largest: Int) -> Int { Int.bitWidth - largest.leadingZeroBitCount }
}
