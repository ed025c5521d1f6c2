import Foundation
import Messages

/// Why a tensor file could not be read or written. Each description is one line that names the file, says what is
/// wrong and what to do; control characters in names are shown escaped.
public enum TensorFileError: UtterError, Equatable {
    /// The bytes do not make a file of this format; `reason` says which rule is broken.
    case malformed(path: String, reason: String)
    /// The file ends before its data do; sizes in bytes.
    case truncated(path: String, expected: Int, actual: Int)
    /// The file is lawful and holds what is not read here; `mend` says how to store it instead.
    case unsupported(path: String, reason: String, mend: String)
    /// The file holds no tensor of the name.
    case noSuchTensor(path: String, name: String)
    /// Floats were asked for where the tensor holds integers.
    case notFloatingPoint(path: String, name: String, type: TensorDataType)
    /// Integers were asked for where the tensor holds floats.
    case notIntegers(path: String, name: String, type: TensorDataType)
    /// An unsigned integer, the `index`th of the tensor counted from 0, is beyond `Int`.
    case integerTooLarge(path: String, name: String, index: Int)
    /// The values are not as many as the product of the dimensions, or a dimension is negative.
    case invalidShape(shape: [Int], values: Int)
    /// A value to be written is finite and would become infinite in the precision asked for.
    case overflows(path: String, name: String, value: Float, type: TensorDataType)
    /// The format cannot hold what was to be written.
    case cannotHold(path: String, reason: String)
    /// One line: the file, what is wrong, what to do.
    public var fault: Fault {
        switch self {
        case .malformed(let path, let reason):
            Fault(.malformed, path, "is malformed, \(reason)", remedy: "get the file again or write it anew")
        case .truncated(let path, let expected, let actual):
            Fault(.truncated, path, "is cut short, \(actual) bytes of \(expected)", remedy: "copy or download it again")
        case .unsupported(let path, let reason, let mend):
            Fault(.unsupported, path, "cannot be read, \(reason)", remedy: mend)
        case .noSuchTensor(let path, let name):
            Fault(
                .notFound, path, "holds no tensor \(OneLine.quoted(name))",
                remedy: "check the name, or get the file that has it")
        case .notFloatingPoint(let path, let name, let type):
            Fault(
                .mismatch, path,
                "holds the tensor \(OneLine.quoted(name)) as \(type.rawValue), and floating point is needed",
                remedy: "store it as F32, F16 or BF16")
        case .notIntegers(let path, let name, let type):
            Fault(
                .mismatch, path,
                "holds the tensor \(OneLine.quoted(name)) as \(type.rawValue), and integers are needed",
                remedy: "store it as I64")
        case .integerTooLarge(let path, let name, let index):
            Fault(
                .unsupported, path,
                "holds an integer beyond \(Int.max) in the tensor \(OneLine.quoted(name)), at index \(index)",
                remedy: "store smaller ones")
        case .invalidShape(let shape, let values):
            Fault(
                .badSetting,
                sentence:
                    "a tensor of the shape \(inWords(shape)) cannot hold \(values) values: make the values as"
                    + " many as the product of the dimensions"
            )
        case .overflows(let path, let name, let value, let type):
            Fault(
                .badSetting, path,
                "was not written, \(value) in the tensor \(OneLine.quoted(name)) is beyond the range of \(type.rawValue)",
                remedy: "store this tensor as F32")
        case .cannotHold(let path, let reason):
            Fault(.unsupported, path, "was not written, \(reason)", remedy: "change what is to be stored")
        }
    }

    private func file(_ path: String) -> String { OneLine.quoted(path, limit: .max) }

    /// A shape of absurd rank must not make a message of absurd length.
    private func inWords(_ shape: [Int]) -> String {
        shape.count <= 16 ? "\(shape)" : "[\(shape.prefix(16).map(String.init).joined(separator: ", ")), ...]"
    }
}
