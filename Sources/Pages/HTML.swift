import Messages

/// Text and addresses as HTML has them.
public enum HTML {
    /// Text from outside, which must not become markup or break a line.
    public static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in OneLine.escaped(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The same, and a line may break after what parts a path or name: never within a word that has room.
    static func breakable(_ text: String) -> String {
        var result = ""
        for character in escaped(text) {
            result.append(character)
            if "/_=,".contains(character) { result += "<wbr>" }
        }
        return result
    }

    /// A path as a URL: its bytes, those that mean something there written as `%2F`.
    /// - Parameter path: bytes; relative to the page, or from the root of the disk.
    public static func address(ofPath path: [UInt8]) -> String {
        // A colon before the first slash would make a scheme of what is in front of it.
        let start = path.first == UInt8(ascii: "/") ? "file://" : path.first == UInt8(ascii: ".") ? "" : "./"
        return start
            + path.map { byte in
                let scalar = Unicode.Scalar(byte)
                let isPlain = byte < 0x80 && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                if isPlain || "/-._~".unicodeScalars.contains(scalar) { return String(Character(scalar)) }
                let digits = String(byte, radix: 16, uppercase: true)
                return "%" + (digits.count < 2 ? "0" : "") + digits
            }.joined()
    }
}

/// RFC 4648, without Foundation.
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".unicodeScalars)

    static func text(of bytes: [UInt8]) -> String {
        var text = String.UnicodeScalarView()
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : "=")
            }
        }
        return String(text)
    }
}
