/// A table of a page. On a narrow screen each row becomes a block, its cells one below the other, each with its column's name.
public struct Table: Sendable {
    /// The name of a column.
    public struct Head: Sendable {
        let name: String
        let isNumber: Bool

        /// A column of text.
        public static func text(_ name: String) -> Head { Head(name: name, isNumber: false) }
        /// A column of numbers.
        public static func number(_ name: String) -> Head { Head(name: name, isNumber: true) }
    }

    /// What stands in a cell.
    public enum Cell: Sendable {
        /// Text.
        case text(String)
        /// Text, and where it leads: a URL, relative to the page or whole.
        case link(String, to: String)
        /// Some of these, apart by spaces.
        indirect case several([Cell])

        var html: String {
            switch self {
            case .text(let text): HTML.breakable(text)
            case .link(let text, let target): "<a href=\"\(HTML.escaped(target))\">\(HTML.breakable(text))</a>"
            case .several(let cells): cells.map(\.html).joined(separator: " ")
            }
        }
    }

    let heads: [Head]
    let rows: [[Cell]]
    let isFilterable: Bool

    /// - Parameters:
    ///   - heads: the columns.
    ///   - rows: a cell for each column.
    ///   - isFilterable: whether the page's filter shows and hides its rows.
    public init(heads: [Head], rows: [[Cell]], isFilterable: Bool = false) {
        (self.heads, self.rows, self.isFilterable) = (heads, rows, isFilterable)
    }

    /// A table of names and values, which needs no heads.
    public init(values: [(name: String, value: String)]) {
        self.init(heads: [], rows: values.map { [.text($0.name), .text($0.value)] })
    }

    var html: String {
        if heads.isEmpty {
            let rows = rows.map { row in
                "<tr><th scope=\"row\">\(row.first?.html ?? "")</th>\(row.dropFirst().map { "<td>\($0.html)</td>" }.joined())</tr>\n"
            }
            return "<table class=\"values\">\n\(rows.joined())</table>"
        }
        let head = heads.map { "<th scope=\"col\"\($0.isNumber ? " class=\"n\"" : "")>\(HTML.escaped($0.name))</th>" }
        let body = rows.map { row in
            let cells = zip(heads, row).map { head, cell in
                "<td data-name=\"\(HTML.escaped(head.name))\"\(head.isNumber ? " class=\"n\"" : "")>\(cell.html)</td>"
            }
            return "<tr>\(cells.joined())</tr>\n"
        }
        return """
            <table class="rows\(isFilterable ? " filtered" : "")">
            <thead><tr>\(head.joined())</tr></thead>
            <tbody>
            \(body.joined())</tbody>
            </table>
            """
    }
}
