import Foundation
import Pages
import Testing

@Suite struct PageTests {
    @Test("what comes from outside never becomes markup, in text, links and titles")
    func escaping() {
        var page = Page(title: "<b>&\"", note: "</style>")
        page.add(
            Table(heads: [.text("a<")], rows: [[.link("<i>", to: HTML.address(ofPath: Array("a\"b<.wav".utf8)))]]),
            under: "<h>")
        let html = page.html
        for bad in ["<b>", "<i>", "<h>", "a<\"", "\"b<"] { #expect(!html.contains(bad), "\(bad)") }
        #expect(html.contains("&lt;i&gt;") && html.contains("href=\"./a%22b%3C.wav\""))
        #expect(html.components(separatedBy: "</style>").count == 2)
    }

    @Test("addresses of paths hold every byte, and a colon makes no scheme")
    func addresses() {
        #expect(HTML.address(ofPath: Array("/a b/ü?.wav".utf8)) == "file:///a%20b/%C3%BC%3F.wav")
        #expect(HTML.address(ofPath: [0xE9, 0x3A, 0x31]) == "./%E9%3A1")
        #expect(HTML.address(ofPath: Array("../x.txt".utf8)) == "../x.txt")
    }

    @Test("a picture lies in the page, whatever its length", arguments: [0, 1, 2, 3, 4, 5])
    func pictures(_ count: Int) {
        var page = Page(title: "t")
        page.add([Picture(svg: Array("<svg/>".utf8.prefix(count)), description: "d")])
        let expected = ["", "PA==", "PHM=", "PHN2", "PHN2Zw==", "PHN2Zy8="][count]
        #expect(page.html.contains("src=\"data:image/svg+xml;base64,\(expected)\""))
    }

    @Test("a filter is there only where a table can be filtered")
    func filter() {
        var page = Page(title: "t")
        page.add(Table(values: [("name", "value")]))
        #expect(!page.html.contains("<script>"))
        page.add(Table(heads: [.number("n")], rows: [[.text("1")]], isFilterable: true))
        #expect(page.html.contains("<script>") && page.html.contains("type=\"search\""))
    }
}
