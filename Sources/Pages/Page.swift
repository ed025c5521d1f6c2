/// A page of HTML in one file that asks for nothing from outside: its style, script and pictures lie in it. It is readable from a
/// telephone to a wide screen, in light and dark, and on paper.
///
/// ```swift
/// var page = Page(title: "texts: transcripts", note: "Made on 1 December 2026")
/// page.add(Table(heads: [.text("recording"), .number("length")], rows: rows, isFilterable: true), under: "Recordings")
/// try page.html.write(toFile: "report.html", atomically: true, encoding: .utf8)
/// ```
public struct Page: Sendable {
    /// What the page is about; also the name of the window.
    public let title: String
    /// A line under the title, such as when the page was made.
    public let note: String
    private var parts: [String] = []
    private var isFilterable = false

    /// An empty page.
    public init(title: String, note: String = "") { (self.title, self.note) = (title, note) }

    /// Adds a table.
    /// - Parameter heading: stands above it; empty for none.
    public mutating func add(_ table: Table, under heading: String = "", note: String = "") {
        isFilterable = isFilterable || table.isFilterable
        parts.append(Self.heading(heading) + Self.note(note) + table.html)
    }

    /// Adds a line of text under a heading.
    public mutating func add(_ text: String, under heading: String = "") {
        parts.append(Self.heading(heading) + Self.note(text))
    }

    /// Adds pictures: side by side where there is room, else one below the other.
    public mutating func add(_ pictures: [Picture]) {
        guard !pictures.isEmpty else { return }
        parts.append("<div class=\"pictures\">\n\(pictures.map(\.html).joined(separator: "\n"))\n</div>")
    }

    /// The page.
    public var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(HTML.escaped(title))</title>
        <style>
        \(PageStyle.css)
        </style>
        </head>
        <body>
        <h1>\(HTML.breakable(title))</h1>
        \(Self.note(note))\(isFilterable ? PageStyle.filter : "")
        \(parts.joined(separator: "\n"))
        \(isFilterable ? "<script>\n\(PageStyle.script)\n</script>\n" : "")</body>
        </html>

        """
    }

    private static func heading(_ text: String) -> String { text.isEmpty ? "" : "<h2>\(HTML.escaped(text))</h2>\n" }

    private static func note(_ text: String) -> String {
        text.isEmpty ? "" : "<p class=\"note\">\(HTML.breakable(text))</p>\n"
    }
}

/// A picture that lies in a page.
public struct Picture: Sendable {
    let html: String

    /// - Parameters:
    ///   - svg: the picture. As a source of its own, so that names in two of them cannot be taken for each other.
    ///   - description: for those who do not see it.
    public init(svg: [UInt8], description: String) {
        html = "<img alt=\"\(HTML.escaped(description))\" src=\"data:image/svg+xml;base64,\(Base64.text(of: svg))\">"
    }
}
