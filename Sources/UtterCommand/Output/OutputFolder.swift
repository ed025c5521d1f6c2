import Files
import Foundation
import Messages
import UtterTraining

/// A folder that a command writes several files to.
enum OutputFolder {
    /// Makes a folder where it is missing.
    /// - Throws: ``CommandError`` where it cannot be made or written to.
    static func make(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw CommandError(
                "\(OneLine.quoted(path, limit: .max)): the folder cannot be made; choose another with --output")
        }
        guard FileManager.default.isWritableFile(atPath: path) else {
            throw CommandError(
                "\(OneLine.quoted(path, limit: .max)): this user may not write there; choose another with --output")
        }
    }

    /// Writes a file, whole or not at all.
    static func write(_ bytes: some Collection<UInt8>, to folder: String, _ name: String) throws {
        try AtomicFile.write(to: (folder as NSString).appendingPathComponent(name)) { try $0.append(bytes) }
    }
}
