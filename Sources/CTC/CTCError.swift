import Foundation
import Messages

/// Targets that no model with these classes could learn.
public enum CTCError: UtterError, Equatable {
    /// The blank is none of the classes.
    case blankOutOfRange(blank: Int, classes: Int)
    /// A target is none of the classes. `utterance` and `position` count from 0.
    case targetOutOfRange(utterance: Int, position: Int, label: Int, classes: Int)
    /// A target is the blank, which spells nothing.
    case targetIsBlank(utterance: Int, position: Int, blank: Int)

    /// What is wrong and what to do.
    public var fault: Fault { Fault(.badSetting, sentence: sentence) }

    private var sentence: String {
        switch self {
        case .blankOutOfRange(let blank, let classes):
            "the blank is class \(blank), but the classes are 0 to \(classes - 1); give the index of one of them"
        case .targetOutOfRange(let utterance, let position, let label, let classes):
            "target \(position) of utterance \(utterance) is \(label), but the classes are 0 to \(classes - 1); "
                + "map every character to a class of this model's vocabulary first"
        case .targetIsBlank(let utterance, let position, let blank):
            "target \(position) of utterance \(utterance) is \(blank), the blank, which spells nothing; "
                + "leave blanks out of the targets: the loss puts them between the labels itself"
        }
    }
}
