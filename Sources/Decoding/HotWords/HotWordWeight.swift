/// How many nats a phrase adds to the score of a text.
public enum HotWordWeight: Sendable, Equatable {
    /// A quarter of a nat for each letter, half of one, and one; at most ``mostByLevel`` together.
    case low, medium, high
    /// As many for the whole phrase.
    case nats(Float)

    /// What a level gives at most to a long phrase.
    public static let mostByLevel: Float = 15
    /// What can be given at most. More would fill the beam with beginnings that have earned it and lose it again.
    public static let greatest: Float = 20
    /// Weights are multiples of this.
    static let step: Float = 1 / 1024

    /// `low`, `medium`, `high`, or a number from 0 to ``greatest``; nil for anything else.
    public init?(_ text: String) {
        switch text.lowercased() {
        case "low": self = .low
        case "medium": self = .medium
        case "high": self = .high
        default:
            guard let nats = Float(text), (0...Self.greatest).contains(nats) else { return nil }
            self = .nats(nats)
        }
    }

    /// The nats of a phrase of so many letters, rounded to a multiple of ``step``.
    func value(letters: Int) -> Float {
        let perLetter: Float =
            switch self {
            case .low: 0.25
            case .medium: 0.5
            case .high: 1
            case .nats(let nats): nats / Float(max(1, letters))
            }
        let whole = perLetter * Float(letters)
        let bounded = if case .nats = self { min(whole, Self.greatest) } else { min(whole, Self.mostByLevel) }
        return (bounded / Self.step).rounded() * Self.step
    }
}
