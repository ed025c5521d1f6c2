import Foundation
import Plotting
import Testing

@Suite struct FigureTests {
    private func figure(_ series: [Series], y: Axis.Scale = .linear, width: Double = 400) -> Figure {
        Figure(
            title: "Loss & <more>", subtitle: "of a run",
            rows: [[Plot(title: "Train", x: Axis("epoch"), y: Axis("loss / nats", scale: y), series: series)]],
            width: width, rowHeight: 200)
    }

    private let falling = Series("train", y: [3, 2, 1])

    private func svg(_ figure: Figure) throws -> String { String(decoding: try figure.svg(), as: UTF8.self) }

    /// How many lines were drawn in a colour of the palette. (Cairo's releases write colours with and without spaces.)
    private func lines(in svg: String, red: String, green: String, blue: String) throws -> Int {
        try svg.matches(of: Regex("stroke[:=]\"?rgb\\(\(red)[0-9]*%, ?\(green)[0-9]*%, ?\(blue)[0-9]*%\\)")).count
    }

    private func blueLines(in svg: String) throws -> Int {
        try lines(in: svg, red: "0", green: "44.7058", blue: "69.803")
    }
    private func redLines(in svg: String) throws -> Int {
        try lines(in: svg, red: "83.5294", green: "36.8627", blue: "0")
    }

    @Test("a PNG has its signature and the size that was asked for")
    func png() throws {
        for scale in [1.0, 2] {
            let bytes = try figure([falling]).png(pixelsPerPoint: scale)
            #expect(bytes.prefix(8) == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
            #expect(bytes[12..<16].elementsEqual("IHDR".utf8) && bytes.suffix(8).prefix(4).elementsEqual("IEND".utf8))
            func size(_ first: Int) -> Int { bytes[first..<first + 4].reduce(0) { $0 << 8 | Int($1) } }
            #expect(size(16) == Int(400 * scale))
            #expect(size(20) > Int(200 * scale) && size(20) < Int(320 * scale))
        }
    }

    @Test("the same figure gives the same bytes, and other points give others")
    func deterministic() throws {
        #expect(try figure([falling]).png() == figure([falling]).png())
        #expect(try figure([falling]).png() != figure([Series("train", y: [3, 1, 1])]).png())
    }

    @Test("an SVG says in words what it shows, escaped, and draws each series in a colour of its own")
    func words() throws {
        let text = try svg(figure([falling, Series("dev", y: [4, 3, 2])]))
        #expect(text.hasPrefix("<?xml") && text.contains("width=\"400"))
        #expect(text.contains("<title>Loss &amp; &lt;more&gt;</title>"))
        #expect(text.contains("<desc>of a run. Train: loss / nats against epoch, train, dev</desc>"))
        // Each once in the plot and once in the legend.
        #expect(try blueLines(in: text) == 2 && redLines(in: text) == 2)
        #expect(try blueLines(in: svg(figure([]))) == 0)
    }

    @Test("a line has gaps where a value has no place, and a nameless one is not in the legend")
    func gaps() throws {
        let broken = Series("", y: [1, 2, .nan, 3, 4, .infinity, 5])
        #expect(try blueLines(in: svg(figure([broken]))) == 3)
        let vanished = Series("", y: [1, 0.1, 0, 0.1, -1])
        #expect(try blueLines(in: svg(figure([vanished], y: .logarithmic))) == 2)
        #expect(try blueLines(in: svg(figure([Series("", y: [.nan])]))) == 0)
    }

    @Test("series of one name in several plots stand in the legend once; places of the palette are kept")
    func legend() throws {
        let plot = Plot(x: Axis("x"), y: Axis("y"), series: [falling])
        #expect(try blueLines(in: svg(Figure(rows: [[plot, plot]]))) == 3)
        let second = Series("dev", y: [1, 2], style: .palette(1))
        #expect(try redLines(in: svg(figure([second]))) == 2)
        let reference = try svg(figure([Series("guessing", y: [1, 1], style: .reference)]))
        #expect(try blueLines(in: reference) == 0 && reference.contains("dash"))
    }

    @Test("huge and empty things are drawn or refused in one line")
    func extremes() throws {
        #expect(throws: PlottingError.self) { try figure([falling], width: 0).png() }
        #expect(throws: PlottingError.self) { try figure([falling], width: .nan).svg() }
        #expect(throws: PlottingError.size(width: 40_000, height: 586)) {
            try figure([falling], width: 20_000).png()
        }
        #expect("\(PlottingError.size(width: 0, height: 2))".contains("choose 1 to 16384"))
        #expect(try figure([falling], width: 20).png().count > 8)
        #expect(try Figure(rows: []).png().count > 8 && Figure(rows: [[]]).svg().count > 8)
        let far = Series("far", points: [(0, 0), (1, 1e300), (2, -1e300)])
        var clipped = figure([far])
        clipped.rows[0][0].y.range = 0...1
        #expect(try clipped.png().count > 8)
    }
}
