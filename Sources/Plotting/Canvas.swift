import CCairo

/// What is drawn on: Cairo, in points from the upper left corner. The only place that knows it.
final class Canvas {
    /// Where the given place lies in a text.
    enum Anchor { case start, middle, end }

    struct Point {
        var x: Double
        var y: Double
    }

    private let surface: OpaquePointer
    private let context: OpaquePointer

    private init(surface: OpaquePointer?) throws(PlottingError) {
        // Cairo never gives NULL: what failed is an object with a status.
        guard let surface, let context = cairo_create(surface) else { throw .cairo("no memory") }
        self.surface = surface
        self.context = context
        try check()
        let options = cairo_font_options_create()
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        cairo_set_font_options(context, options)
        cairo_font_options_destroy(options)
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    }

    deinit {
        cairo_destroy(context)
        cairo_surface_destroy(surface)
    }

    /// A white image.
    static func image(width: Double, height: Double, pixelsPerPoint: Double) throws(PlottingError) -> Canvas {
        let size = try pixels(width * pixelsPerPoint, height * pixelsPerPoint)
        let canvas = try Canvas(surface: cairo_image_surface_create(CAIRO_FORMAT_RGB24, size.width, size.height))
        cairo_scale(canvas.context, pixelsPerPoint, pixelsPerPoint)
        canvas.fill(Color.white)
        return canvas
    }

    /// For measuring alone.
    static func none() throws(PlottingError) -> Canvas {
        try Canvas(surface: cairo_recording_surface_create(CAIRO_CONTENT_COLOR, nil))
    }

    /// What `draw` draws, as an SVG file.
    static func svg(width: Double, height: Double, _ draw: (Canvas) -> Void) throws(PlottingError) -> [UInt8] {
        _ = try pixels(width, height)
        let sink = Sink()
        let surface = cairo_svg_surface_create_for_stream(
            Sink.write, Unmanaged.passUnretained(sink).toOpaque(), width, height)
        let canvas = try Canvas(surface: surface)
        canvas.fill(Color.white)
        draw(canvas)
        cairo_surface_finish(canvas.surface)
        try canvas.check()
        return withExtendedLifetime(sink) { sink.bytes }
    }

    /// The image as a PNG file.
    func png() throws(PlottingError) -> [UInt8] {
        try check()
        let sink = Sink()
        let status = cairo_surface_write_to_png_stream(surface, Sink.write, Unmanaged.passUnretained(sink).toOpaque())
        guard status == CAIRO_STATUS_SUCCESS else { throw .cairo(String(cString: cairo_status_to_string(status))) }
        return withExtendedLifetime(sink) { sink.bytes }
    }

    /// A line through points.
    func stroke(_ points: [Point], pen: Pen) {
        guard let first = points.first else { return }
        set(pen.color)
        cairo_set_line_width(context, pen.width)
        cairo_set_line_cap(context, pen.dashes.isEmpty ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
        cairo_set_dash(context, pen.dashes, Int32(pen.dashes.count), 0)
        cairo_move_to(context, first.x, first.y)
        // A point alone is a dot, where caps are round.
        for point in points.count == 1 ? points[...] : points.dropFirst() { cairo_line_to(context, point.x, point.y) }
        cairo_stroke(context)
    }

    /// Draws with nothing outside a rectangle.
    func clipped(x: Double, y: Double, width: Double, height: Double, _ draw: () -> Void) {
        cairo_save(context)
        cairo_rectangle(context, x, y, width, height)
        cairo_clip(context)
        draw()
        cairo_restore(context)
    }

    /// One line of text.
    /// - Parameters:
    ///   - point: on its baseline.
    ///   - upwards: whether it is read from bottom to top.
    func write(
        _ text: String, at point: Point, _ font: Font, color: Color = .text, anchor: Anchor = .start,
        upwards: Bool = false
    ) {
        let shift =
            switch anchor {
            case .start: 0.0
            case .middle: -width(of: text, font) / 2
            case .end: -width(of: text, font)
            }
        use(font)
        set(color)
        cairo_save(context)
        cairo_translate(context, point.x, point.y)
        if upwards { cairo_rotate(context, -.pi / 2) }
        cairo_move_to(context, shift, 0)
        cairo_show_text(context, text)
        cairo_restore(context)
    }

    /// The width of a text.
    func width(of text: String, _ font: Font) -> Double {
        use(font)
        var extents = cairo_text_extents_t()
        cairo_text_extents(context, text, &extents)
        return extents.x_advance
    }

    private func use(_ font: Font) {
        cairo_select_font_face(
            context, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
            font.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
        cairo_set_font_size(context, font.size)
    }

    private func set(_ color: Color) { cairo_set_source_rgb(context, color.red, color.green, color.blue) }

    private func fill(_ color: Color) {
        set(color)
        cairo_paint(context)
    }

    private func check() throws(PlottingError) {
        for status in [cairo_surface_status(surface), cairo_status(context)] where status != CAIRO_STATUS_SUCCESS {
            throw .cairo(String(cString: cairo_status_to_string(status)))
        }
    }

    private static func pixels(_ width: Double, _ height: Double) throws(PlottingError) -> (width: Int32, height: Int32)
    {
        let whole = [width, height].map { $0.isFinite ? $0.rounded(.up) : -1 }
        guard whole.allSatisfy({ (1...16384).contains($0) }) else {
            throw .size(width: Int(max(-1, min(whole[0], 1e9))), height: Int(max(-1, min(whole[1], 1e9))))
        }
        return (Int32(whole[0]), Int32(whole[1]))
    }
}

/// A face and size of letters, in points.
struct Font: Equatable {
    let size: Double
    var isBold = false

    static let title = Font(size: 15, isBold: true)
    static let subtitle = Font(size: 10.5)
    static let plotTitle = Font(size: 12, isBold: true)
    static let label = Font(size: 11)
    static let tick = Font(size: 10)
    static let legend = Font(size: 11)
}

/// Where Cairo writes a file to.
private final class Sink {
    var bytes: [UInt8] = []

    static let write: cairo_write_func_t = { closure, data, count in
        guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
        let sink = Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue()
        sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
        return CAIRO_STATUS_SUCCESS
    }
}
