/// The labels that a text needs, and the steps that CTC needs for them.
public enum CTCLength {
    /// The fewest steps in which a text can be said: a step for each character, and one for the blank between two equal
    /// ones in a row.
    public static func shortest(_ text: String) -> Int {
        shortest(Array(text))
    }

    /// The same for the labels of a text.
    package static func shortest<Label: Equatable>(_ labels: [Label]) -> Int {
        labels.count + zip(labels, labels.dropFirst()).count { $0 == $1 }
    }
}
