/// A colour, each part from 0 to 1.
struct Color: Equatable {
    let red: Double
    let green: Double
    let blue: Double

    /// From 0xRRGGBB.
    init(_ hex: Int) {
        red = Double(hex >> 16 & 0xff) / 255
        green = Double(hex >> 8 & 0xff) / 255
        blue = Double(hex & 0xff) / 255
    }

    static let white = Color(0xffffff)
    static let text = Color(0x222222)
    static let softText = Color(0x555555)
    static let axis = Color(0x444444)
    static let grid = Color(0xe4e4e4)
    static let reference = Color(0x8a8a8a)
}

/// How a line looks.
struct Pen: Equatable {
    let color: Color
    let width: Double
    /// Lengths drawn and left out, in turns; empty for a whole line.
    var dashes: [Double] = []

    static let reference = Pen(color: .reference, width: 1.2, dashes: [4, 3])

    /// Okabe and Ito's colours (2008), which people who see few colours tell apart, without the yellow, which is pale
    /// on white; each with dashes of its own, for print in grey.
    static let palette = [
        Pen(color: Color(0x0072b2), width: 2), Pen(color: Color(0xd55e00), width: 2, dashes: [7, 3]),
        Pen(color: Color(0x009e73), width: 2, dashes: [10, 3, 2, 3]),
        Pen(color: Color(0xcc79a7), width: 2, dashes: [2.5, 2.5]),
        Pen(color: Color(0xe69f00), width: 2, dashes: [14, 4]),
        Pen(color: Color(0x56b4e9), width: 2, dashes: [5, 2, 2, 2, 2, 2]),
        Pen(color: Color(0x000000), width: 2, dashes: [1, 3]),
    ]

    /// The pen of a series, the `index`th of its plot.
    static func of(_ series: Series, at index: Int) -> Pen {
        switch series.style {
        case .automatic: palette[index % palette.count]
        case .palette(let place): palette[abs(place % palette.count)]
        case .reference: reference
        }
    }
}
