import Foundation

/// Folders that tests read from and write to.
public enum Folders {
    /// The root of this package.
    public static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Vectors made by other tools: `$UTTER_REFERENCE`, else `Tests/Reference`; nil where the folder is not there.
    public static let reference: URL? = existing(
        ProcessInfo.processInfo.environment["UTTER_REFERENCE"].map { URL(fileURLWithPath: $0) }
            ?? package.appendingPathComponent("Tests/Reference"))

    /// Real speech with transcripts, `../shared/speech`; nil where it is absent.
    public static let speech: URL? = existing(
        package.appendingPathComponent("../shared/speech").standardizedFileURL)

    /// Inputs that people had trouble with, a folder a kind, `../shared/cases`; nil where it is absent.
    public static let cases: URL? = existing(
        package.appendingPathComponent("../shared/cases").standardizedFileURL)

    /// The sentence that a skipped test shows.
    public static let referenceIsMissing =
        "no reference vectors: set UTTER_REFERENCE to their folder, or get Tests/Reference again"

    /// A small model that was trained in PyTorch, with the texts that PyTorch gives; nil where it is absent.
    public static let prototype: URL? = existing(
        package.appendingPathComponent("../shared/models/english-prototype.safetensors").standardizedFileURL)

    private static func existing(_ url: URL) -> URL? {
        FileManager.default.fileExists(atPath: url.path) ? url : nil
    }
}

/// A folder that is removed when the value is released.
public final class TemporaryFolder: Sendable {
    /// Where the folder is.
    public let url: URL

    /// Makes a new, empty folder.
    public init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("utter-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The path of a file in this folder, whether or not it exists.
    public func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// Writes bytes to a file in this folder and returns its path.
    @discardableResult
    public func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        try Data(bytes).write(to: url.appendingPathComponent(name))
        return path(name)
    }

    /// Writes lines to a file and gives its path.
    @discardableResult
    public func lines(_ lines: [String], to name: String, end: String = "\n") throws -> String {
        try FileManager.default.createDirectory(
            at: url.appendingPathComponent(name).deletingLastPathComponent(), withIntermediateDirectories: true)
        return try write(lines.map { $0 + end }.joined().utf8, to: name)
    }

    /// The text of a file in this folder.
    public func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appendingPathComponent(name)), as: UTF8.self)
    }
}
