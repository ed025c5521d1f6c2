import Foundation
import Messages

/// Why recordings cannot be augmented as asked for. Each description is one line that says what to do.
public enum AugmentationError: UtterError, Equatable {
    /// An option is outside its range: its key, what was given, what may be given.
    case outOfRange(key: String, value: String, allowed: String)
    /// The folder of noise is not there, or no folder.
    case noFolder(path: String)
    /// Nothing in the folder of noise can be used; how many files were looked at.
    case noNoise(folder: String, files: Int)
    /// One line: what is wrong, what to do.
    public var fault: Fault {
        switch self {
        case .outOfRange(let key, let value, let allowed):
            Fault(.badSetting, sentence: "augmentation: \(key) is \(value): give \(allowed)")
        case .noFolder(let path):
            Fault(
                .notAFolder,
                sentence: "augmentation: noise_folder \(OneLine.quoted(path, limit: .max)) is no folder: check the path"
            )
        case .noNoise(let folder, let files):
            Fault(
                .empty,
                sentence:
                    "augmentation: noise_folder \(OneLine.quoted(folder, limit: .max)) holds no sound that can"
                    + " be read (\(files) files looked at): name a folder of recordings of noise"
            )
        }
    }
}
