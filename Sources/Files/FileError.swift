import Foundation
import Messages

/// Why a file could not be opened, read or written.
public enum FileError: UtterError, Equatable {
    /// No file is at the path.
    case doesNotExist(path: String)
    /// The path is a folder.
    case isFolder(path: String)
    /// The path is a device, a pipe or a socket.
    case notAFile(path: String)
    /// The file may not be read by this user.
    case notReadable(path: String)
    /// The folder that the file is to be written to does not exist.
    case noFolder(path: String)
    /// The file or its folder may not be written by this user.
    case notWritable(path: String)
    /// The disk is full, or this user's share of it.
    case noSpace(path: String)
    /// The operating system refused for another reason.
    case inputOutput(path: String, reason: String)
    /// The file is not text that can be read: UTF-16, or compressed by a program that is not supported.
    case notText(path: String, reason: String, remedy: String)
    /// A line of a text breaks a rule; lines are counted from 1.
    case badLine(path: String, line: Int, reason: String, remedy: String)
    /// The file is compressed, and the program that expands it failed or is missing.
    case decompression(path: String, program: String, reason: String)

    /// The file, what is wrong and what to do.
    public var fault: Fault {
        switch self {
        case .doesNotExist(let path): Fault(.notFound, path, "does not exist", remedy: "check the path")
        case .isFolder(let path): Fault(.notAFile, path, "is a folder", remedy: "name a file in it")
        case .notAFile(let path):
            Fault(.notAFile, path, "is a device or a pipe", remedy: "name an ordinary file")
        case .notReadable(let path):
            Fault(.notPermitted, path, "may not be read by this user", remedy: "change its permissions")
        case .noFolder(let path):
            Fault(
                .notFound, path, "was not written, its folder does not exist",
                remedy: "make the folder or check the path")
        case .notWritable(let path):
            Fault(
                .notPermitted, path, "may not be written by this user",
                remedy: "choose another folder or change the permissions", name: Self.written(path))
        case .noSpace(let path):
            Fault(
                .noSpace, path, "was not written, the disk is full", remedy: "free some space or choose another disk",
                name: Self.written(path))
        case .inputOutput(let path, let reason):
            Fault(
                .inputOutput, path, "could not be read or written (\(reason))", remedy: "check the disk and the path",
                name: StandardStream.isNamed(by: path) ? "a standard stream" : nil)
        case .notText(let path, let reason, let remedy):
            Fault(.unsupported, path, "cannot be used, \(reason)", remedy: remedy)
        case .badLine(let path, let line, let reason, let remedy):
            Fault(.malformed, path, "is wrong in line \(line), \(reason)", remedy: remedy)
        case .decompression(let path, let program, let reason):
            Fault(
                .program, path, "could not be expanded, \(reason)", remedy: "install \(program), or get the file again")
        }
    }

    private static func written(_ path: String) -> String? {
        StandardStream.isNamed(by: path) ? "standard output" : nil
    }

    /// What `errno` says after a failed attempt to read a file.
    package static func reading(_ path: String, code: Int32) -> Self {
        switch code {
        case ENOENT, ENOTDIR: .doesNotExist(path: path)
        case EISDIR: .isFolder(path: path)
        case EACCES, EPERM: .notReadable(path: path)
        default: .inputOutput(path: path, reason: words(of: code))
        }
    }

    /// What `errno` says after a failed attempt to write a file.
    package static func writing(_ path: String, code: Int32) -> Self {
        switch code {
        case ENOENT, ENOTDIR: .noFolder(path: path)
        case EISDIR: .isFolder(path: path)
        case EACCES, EPERM, EROFS: .notWritable(path: path)
        case ENOSPC, EDQUOT: .noSpace(path: path)
        default: .inputOutput(path: path, reason: words(of: code))
        }
    }

    /// A code of `errno` in the words of the system.
    package static func words(of code: Int32) -> String { String(cString: strerror(code)) }
}
