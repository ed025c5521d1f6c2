import Messages

/// A picture: plots in rows, under one title and one legend.
///
/// ```swift
/// let figure = Figure(
///     title: "Learning", rows: [[
///         Plot(
///             title: "Loss", x: Axis("epoch"), y: Axis("loss / nats", scale: .logarithmic),
///             series: [Series("train", y: train), Series("dev", y: dev)])
///     ]])
/// try Data(figure.png()).write(to: url)
/// ```
///
/// Lengths are in points, 1/72 of an inch; text is black or grey on white, and series take colours that those who see
/// few colours tell apart, and dashes that tell them apart in grey (see ``Series``).
public struct Figure: Sendable {
    /// Stands above all; left out where it is empty.
    public var title: String
    /// Stands below the title, small and grey: how the picture was made, say. A line for each line of the text.
    public var subtitle: String
    /// Rows of plots, the first on top; the plots of a row share its width.
    public var rows: [[Plot]]
    /// The width of the whole.
    public var width: Double
    /// The height of a row of plots.
    public var rowHeight: Double

    /// Takes the plots.
    public init(title: String = "", subtitle: String = "", rows: [[Plot]], width: Double = 760, rowHeight: Double = 300)
    {
        self.title = title
        self.subtitle = subtitle
        self.rows = rows
        self.width = width
        self.rowHeight = rowHeight
    }

    /// The picture as PNG.
    /// - Parameter pixelsPerPoint: 2 is sharp on screens of today.
    /// - Throws: ``PlottingError`` where the picture is empty, larger than 16384 pixels, or Cairo has no memory.
    public func png(pixelsPerPoint: Double = 2) throws(PlottingError) -> [UInt8] {
        let height = FigureDrawing(figure: self).height
        let canvas = try Canvas.image(width: width, height: height, pixelsPerPoint: pixelsPerPoint)
        FigureDrawing(figure: self).draw(on: canvas)
        return try canvas.png()
    }

    /// The picture as SVG. Letters are outlines, so that it looks the same everywhere; the words are in its title and
    /// description, for programs that read a picture aloud.
    /// - Throws: ``PlottingError``, as ``png(pixelsPerPoint:)``.
    public func svg() throws(PlottingError) -> [UInt8] {
        let drawing = FigureDrawing(figure: self)
        let bytes = try Canvas.svg(width: width, height: drawing.height) { drawing.draw(on: $0) }
        guard let tag = bytes.firstRange(of: Array("<svg".utf8)),
            let end = bytes[tag.upperBound...].firstIndex(of: 0x3e)
        else { return bytes }
        let words = "<title>\(Self.escaped(title))</title>\n<desc>\(Self.escaped(description))</desc>\n"
        return bytes[...end] + Array(("\n" + words).utf8) + bytes[(end + 1)...]
    }

    /// What is to be seen, in words.
    var description: String {
        let plots = rows.joined().map { plot in
            "\(plot.title.isEmpty ? "" : plot.title + ": ")\(plot.y.label) against \(plot.x.label), "
                + plot.series.map(\.name).joined(separator: ", ")
        }
        return ([subtitle].filter { !$0.isEmpty } + plots).joined(separator: ". ")
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case _ where scalar.value < 0x20: result += " "  // XML has no others
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}

/// Axes, and lines between them.
public struct Plot: Sendable {
    /// Stands above the axes; left out where it is empty.
    public var title: String
    /// From left to right.
    public var x: Axis
    /// From bottom to top.
    public var y: Axis
    /// The lines. Series of one name in several plots of a figure have one entry in its legend.
    public var series: [Series]

    /// Takes axes and lines.
    public init(title: String = "", x: Axis, y: Axis, series: [Series]) {
        self.title = title
        self.x = x
        self.y = y
        self.series = series
    }
}

/// An axis of a plot.
public struct Axis: Sendable {
    /// How values become places.
    public enum Scale: Sendable {
        /// In proportion.
        case linear
        /// In proportion to the logarithm; values of 0 and less have no place.
        case logarithmic
    }

    /// What is measured, with its unit.
    public var label: String
    /// How values become places.
    public var scale: Scale
    /// The values at the two ends; nil: what the series need.
    public var range: ClosedRange<Double>?

    /// Takes a label, with the unit in it.
    public init(_ label: String, scale: Scale = .linear, range: ClosedRange<Double>? = nil) {
        self.label = label
        self.scale = scale
        self.range = range
    }
}

/// A line through points.
public struct Series: Sendable {
    /// How a line is drawn.
    public enum Style: Sendable {
        /// The next colour of the palette, and the dashes that go with it.
        case automatic
        /// The colour and dashes of this place in the palette, counted from 0: the same for one thing in several plots.
        case palette(Int)
        /// Thin, grey and dashed: something to compare with.
        case reference
    }

    /// As the legend has it; not in the legend where it is empty.
    public var name: String
    /// In the order in which the line goes. Where one has no place (not finite, or not above 0 on a logarithmic axis), the
    /// line has a gap.
    public var points: [(x: Double, y: Double)]
    /// How it is drawn.
    public var style: Style

    /// Takes points.
    public init(_ name: String, points: [(x: Double, y: Double)], style: Style = .automatic) {
        self.name = name
        self.points = points
        self.style = style
    }

    /// Takes values at 0, 1, 2, ...
    /// - Parameter first: the place of the first, in place of 0.
    public init(_ name: String, y: [Double], first: Double = 0, style: Style = .automatic) {
        self.init(name, points: y.enumerated().map { (first + Double($0), $1) }, style: style)
    }
}

/// Why there is no picture.
public enum PlottingError: UtterError, Equatable {
    /// The picture would have no pixel, or more than 16384 in one direction.
    case size(width: Int, height: Int)
    /// What Cairo says.
    case cairo(String)

    /// What is wrong and what to do.
    public var fault: Fault { Fault(.badSetting, sentence: sentence) }

    private var sentence: String {
        switch self {
        case .size(let width, let height):
            "a picture of \(width) x \(height) pixels cannot be made: choose 1 to 16384 in each direction"
        case .cairo(let message): "the picture cannot be made (Cairo: \(message)): make it smaller"
        }
    }
}
