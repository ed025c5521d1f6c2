/// Comma-separated values (RFC 4180), record by record, each with the line it begins at.
///
/// Written here because the packages at hand (SwiftCSV 0.10.0 was read) take the whole text at once, stop at the first
/// wrong quotation mark, swallow the rest of the file where one is not closed, fill short records up in silence and name
/// no line; of a corpus of a hundred thousand lines one wrong mark must cost one line.
///
/// Fields in quotation marks may hold commas, doubled quotation marks and line ends. A quotation mark inside a field that
/// does not begin with one stands for itself. A record whose mark is not closed within ``longestRecord`` lines is bad,
/// and reading goes on at the line after its first.
package struct DelimitedText {
    package struct Record {
        /// The line at which it begins.
        package let line: Int
        package let fields: Result<[String], TextLines.Problem>
    }

    package static let longestRecord = 50

    private let lines: TextLines
    /// Lines that were looked at for the end of a record and do not belong to it.
    private var waiting: [TextLines.Line] = []

    package init(path: String) throws(DataError) {
        lines = try TextLines(path: path)
    }

    /// The next record; nil after the last. Empty lines are passed over.
    package mutating func next() throws(DataError) -> Record? {
        while let first = try nextLine() {
            guard case .success(var text) = first.content else {
                return Record(line: first.number, fields: first.content.map { [$0] })
            }
            if text.utf8.allSatisfy({ $0 == 0x20 }) { continue }
            var taken: [TextLines.Line] = []
            while true {
                switch Self.parse(text) {
                case .whole(let fields): return Record(line: first.number, fields: .success(fields))
                case .bad(let reason): return bad(first, reason, putBack: taken)
                case .open:
                    guard taken.count < Self.longestRecord, let more = try nextLine() else {
                        return bad(first, "a quotation mark is not closed", putBack: taken)
                    }
                    taken.append(more)
                    guard case .success(let next) = more.content else {
                        return bad(first, "a quotation mark is not closed", putBack: taken)
                    }
                    text += "\n" + next
                }
            }
        }
        return nil
    }

    private mutating func nextLine() throws(DataError) -> TextLines.Line? {
        waiting.isEmpty ? try lines.next() : waiting.removeFirst()
    }

    private mutating func bad(_ line: TextLines.Line, _ reason: String, putBack: [TextLines.Line]) -> Record {
        waiting.insert(contentsOf: putBack, at: 0)
        return Record(line: line.number, fields: .failure(TextLines.Problem(reason: reason)))
    }

    package enum Parsed: Equatable {
        case whole([String])
        /// A quoted field goes on in the next line.
        case open
        case bad(String)
    }

    package static func parse(_ text: String) -> Parsed {
        let (comma, quote) = (UInt8(ascii: ","), UInt8(ascii: "\""))
        let bytes = Array(text.utf8)
        var fields: [String] = []
        var index = 0
        while true {
            var field: [UInt8] = []
            if index < bytes.count, bytes[index] == quote {
                index += 1
                while true {
                    guard index < bytes.count else { return .open }
                    if bytes[index] == quote {
                        guard index + 1 < bytes.count, bytes[index + 1] == quote else { break }
                        index += 1
                    }
                    field.append(bytes[index])
                    index += 1
                }
                index += 1
                guard index == bytes.count || bytes[index] == comma else {
                    return .bad("text follows the closing quotation mark of field \(fields.count + 1)")
                }
            } else {
                let end = bytes[index...].firstIndex(of: comma) ?? bytes.count
                field = Array(bytes[index..<end])
                index = end
            }
            fields.append(String(decoding: field, as: UTF8.self))
            guard index < bytes.count else { return .whole(fields) }
            index += 1
        }
    }
}

/// The columns of a table with a header.
package struct Columns {
    package let names: [String]

    package init(_ header: [String]) {
        names = header.map { ManifestEntry.normalised($0).lowercased() }
    }

    /// The place of a column that must be there.
    package func index(of name: String, in path: String, mend: String) throws(DataError) -> Int {
        guard let index = names.firstIndex(of: name) else {
            throw DataError(path, line: 1, "no column '\(name)' in the header", mend: mend)
        }
        return index
    }

    /// A field that may be missing or empty.
    package func value(_ name: String, of fields: [String]) -> String? {
        guard let index = names.firstIndex(of: name), fields.indices.contains(index), !fields[index].isEmpty else {
            return nil
        }
        return fields[index]
    }
}
