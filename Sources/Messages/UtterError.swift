import Foundation

/// Every error that this package throws: a code to match on, the file, what is wrong and what to do.
///
/// ```swift
/// do { try transcribe(path) } catch let error as any UtterError where error.code == .notFound {
///     print(error.path ?? "", error.remedy)
/// }
/// ```
public protocol UtterError: Error, Sendable, CustomStringConvertible, LocalizedError {
    /// What is known of the error, part by part.
    var fault: Fault { get }
}

extension UtterError {
    /// The kind of error.
    public var code: ErrorCode { fault.code }
    /// The file that is concerned, as the caller named it; nil where it is no file.
    public var path: String? { fault.path }
    /// What is wrong.
    public var problem: String { fault.problem }
    /// What to do.
    public var remedy: String { fault.remedy }
    /// One line: the file, what is wrong, what to do.
    public var description: String { fault.description }
    /// The description.
    public var errorDescription: String? { description }
}

/// The kinds of errors.
public enum ErrorCode: String, Sendable, CaseIterable, Codable {
    /// The file, folder or item does not exist.
    case notFound
    /// A file was expected, and this is a folder, a device or a pipe.
    case notAFile
    /// A folder was expected.
    case notAFolder
    /// The permissions do not allow it.
    case notPermitted
    /// The disk is full.
    case noSpace
    /// The operating system refused for another reason.
    case inputOutput
    /// The file holds nothing that can be used.
    case empty
    /// The content breaks a rule of its format.
    case malformed
    /// The file ends before its data do.
    case truncated
    /// The content is correct and of a kind that is not supported.
    case unsupported
    /// A setting or argument is outside what is allowed.
    case badSetting
    /// Two things do not fit together, such as a model and its adapter.
    case mismatch
    /// A program that is needed is not installed, or failed.
    case program
    /// The work was stopped before its end.
    case interrupted
}

/// The parts of an error. Characters that break a line or steer a terminal are shown escaped.
public struct Fault: Sendable, Equatable, CustomStringConvertible {
    /// The kind of error.
    public let code: ErrorCode
    /// The file that is concerned; nil where it is no file.
    public let path: String?
    /// What is wrong; after the file's name, or a sentence of its own where there is none.
    public let problem: String
    /// What to do.
    public let remedy: String
    /// One line: the file, what is wrong, what to do.
    public let description: String

    /// - Parameters:
    ///   - problem: follows the file's name.
    ///   - name: how the description names the file, where not by its path.
    package init(
        _ code: ErrorCode, _ path: String? = nil, _ problem: String, remedy: String, name: String? = nil,
        separator: String = ": "
    ) {
        let (problem, remedy) = (OneLine.escaped(problem), OneLine.escaped(remedy))
        let subject = (name ?? path.map(OneLine.file)).map { $0 + " " } ?? ""
        (self.code, self.path, self.problem, self.remedy) = (code, path, problem, remedy)
        description = subject + problem + separator + remedy
    }

    /// Takes a whole sentence: what follows its last colon or semicolon is the remedy.
    package init(_ code: ErrorCode, _ path: String? = nil, sentence: String) {
        let sentence = OneLine.escaped(sentence)
        let marks = [": ", "; "].compactMap { sentence.range(of: $0, options: .backwards) }
        let mark = marks.max { $0.lowerBound < $1.lowerBound }
        (self.code, self.path, description) = (code, path, sentence)
        problem = String(sentence[..<(mark?.lowerBound ?? sentence.endIndex)])
        remedy = mark.map { String(sentence[$0.upperBound...]) } ?? ""
    }
}
