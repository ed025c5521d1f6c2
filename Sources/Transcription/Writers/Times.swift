import Foundation

extension Double {
    /// Seconds as whole milliseconds; what is no time is 0.
    var milliseconds: Int { isFinite ? Int((Swift.max(0, Swift.min(self, 1e9)) * 1000).rounded()) : 0 }

    /// Seconds with three decimals, as `1.230`.
    var threeDecimals: String { milliseconds.asSeconds }
}

extension Int {
    /// Milliseconds as seconds with three decimals.
    var asSeconds: String { String(format: "%d.%03d", self / 1000, self % 1000) }

    /// Milliseconds as hours, minutes, seconds and a fraction: `00:01:02.345`.
    /// - Parameter point: what stands before the fraction.
    func asClock(point: String) -> String {
        String(format: "%02d:%02d:%02d", self / 3_600_000, self / 60_000 % 60, self / 1000 % 60) + point
            + String(format: "%03d", self % 1000)
    }
}

extension String {
    /// The text in one field of a line whose fields are parted by white space.
    var asField: String {
        let field = map { $0.isWhitespace ? "_" : String($0) }.joined()
        return field.isEmpty ? "_" : field
    }
}
