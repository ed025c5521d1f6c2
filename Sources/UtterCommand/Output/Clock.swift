import Foundation
import UtterTraining

/// Spans of time for people.
enum Clock {
    /// 1:05 or 2:01:05.
    static func text(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 1e9))
        return whole >= 3600
            ? String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
            : String(format: "%d:%02d", whole / 60, whole % 60)
    }
}
