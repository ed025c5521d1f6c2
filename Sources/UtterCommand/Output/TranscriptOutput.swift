import Files
import Foundation
import Logging
import Messages
import UtterTraining

/// Writes transcripts as a command was asked to: one after the other into one place, or each into files of its own.
final class TranscriptOutput {
    private let writers: [(format: TranscriptFormat, writer: any TranscriptWriter)]
    private let folder: String?
    private let stream: ResultWriter?
    private var isHeaded = false
    private var filesWritten = 0
    /// What is written of a recording while it is heard: where one format goes to one place.
    private var growing: GrowingTranscript?
    private let namesFiles: Bool
    private let channel: Int

    /// - Parameters:
    ///   - files: the recordings.
    ///   - inputs: files that must not be replaced: the recordings, the model.
    init(
        _ options: TranscriptOutputOptions, formats: [TranscriptFormat], files: [String], inputs: [String],
        channel: Int?
    ) throws {
        namesFiles = files.count > 1 && options.outputDir == nil
        self.channel = channel ?? 1
        let namesFiles = namesFiles
        writers = formats.map { ($0, $0.writer(namesFiles: namesFiles, channel: channel ?? 1)) }
        folder = options.outputDir
        guard let folder = options.outputDir else {
            stream = try ResultWriter(path: options.output, inputs: inputs)
            return
        }
        stream = nil
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw CommandError(
                "\(OneLine.quoted(folder, limit: .max)) cannot be made a folder: give another place with --output-dir")
        }
        for file in files {
            for format in formats {
                try ResultWriter.refuse(path(of: file, format, in: folder), toReplace: inputs)
            }
        }
    }

    /// Takes settled words of a recording that is being heard, and writes what can be written of them.
    /// - Parameter prepare: is called before something is written.
    /// - Throws: ``ResultWriter/Failure`` where a place cannot be written.
    func add(_ words: [Word], of file: String, prepare: () -> Void) throws {
        guard let stream, let (format, writer) = writers.first else { return }
        if growing == nil {
            growing = GrowingTranscript(format, file: file, namesFiles: namesFiles, channel: channel)
        }
        guard let text = try growing?.add(words), !text.isEmpty else { return }
        prepare()
        try stream.write(text: isHeaded ? text : writer.heading + text)
        isHeaded = true
    }

    /// Ends what is written of a recording that failed on the way.
    func abandon() throws {
        if let ending = growing?.ending, !ending.isEmpty { try stream?.write(text: ending) }
        growing = nil
    }

    /// Writes a transcript in all formats; of one that grew, what is left.
    /// - Throws: ``ResultWriter/Failure`` where a place cannot be written.
    func write(_ transcript: Transcript) throws {
        if let rest = try growing?.finish(transcript) {
            growing = nil
            guard let (_, writer) = writers.first else { return }
            try stream?.write(text: isHeaded ? rest : writer.heading + rest)
            isHeaded = true
            return
        }
        for (format, writer) in writers {
            let body = try writer.body(of: transcript)
            if let folder {
                try write(writer.heading + body, to: path(of: transcript.file, format, in: folder))
            } else {
                try stream?.write(text: isHeaded ? body : writer.heading + body)
                isHeaded = true
            }
        }
    }

    /// Says what was written where, if that is not plain.
    func report(to log: Logger) {
        guard let folder, filesWritten > 0 else { return }
        log.notice("\(folder): \(filesWritten) file\(filesWritten == 1 ? "" : "s")")
    }

    private func path(of file: String, _ format: TranscriptFormat, in folder: String) -> String {
        (folder as NSString).appendingPathComponent("\(Transcript.baseName(of: file)).\(format.fileExtension)")
    }

    private func write(_ text: String, to path: String) throws {
        do {
            try AtomicFile.write(to: path) { try $0.append(text.utf8) }
            filesWritten += 1
        } catch let error as FileError {
            throw ResultWriter.Failure(error)
        }
    }
}
