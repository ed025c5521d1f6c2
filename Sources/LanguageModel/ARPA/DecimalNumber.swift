import Foundation

/// Numbers as n-gram files write them.
enum DecimalNumber {
    private static let powers: [Double] = (0...22).map { pow(10, Double($0)) }

    /// The value of the whole text; nil where it is no number. NaN and infinities are read as such.
    static func parse(_ text: UnsafeRawBufferPointer) -> Float? {
        var index = 0
        var isNegative = false
        if let sign = text.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            (isNegative, index) = (sign == UInt8(ascii: "-"), 1)
        }
        var (mantissa, digits, decimals) = (UInt64(0), 0, 0)
        var isPastPoint = false
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "."), !isPastPoint {
                isPastPoint = true
            } else if byte &- 48 <= 9 {
                mantissa = mantissa &* 10 &+ UInt64(byte &- 48)
                digits += 1
                if isPastPoint { decimals += 1 }
            } else {
                return slow(text)
            }
            index += 1
        }
        // So many digits are exact in a Double, and so are the powers: one division, rounded once.
        guard digits > 0 else { return nil }
        guard digits <= 15 else { return slow(text) }
        let value = Double(mantissa) / powers[decimals]
        return Float(isNegative ? -value : value)
    }

    /// Exponents and the rest, as the standard library reads them.
    private static func slow(_ text: UnsafeRawBufferPointer) -> Float? {
        Double(String(decoding: text, as: UTF8.self)).map { Float($0) }
    }
}
