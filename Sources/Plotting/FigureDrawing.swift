/// Lays a figure out and draws it.
struct FigureDrawing {
    let figure: Figure

    private static let margin = 14.0
    private static let lineHeight = 15.0

    /// The height of the whole, in points.
    var height: Double { top + Double(figure.rows.count) * figure.rowHeight + Self.margin }

    /// The height of what stands above the plots.
    private var top: Double {
        Self.margin + (figure.title.isEmpty ? 0 : 24) + Double(subtitles.count) * Self.lineHeight
            + Double(legendLines.count) * 20 + 6
    }

    private var subtitles: [Substring] { figure.subtitle.split(separator: "\n") }

    func draw(on canvas: Canvas) {
        var y = Self.margin
        if !figure.title.isEmpty {
            canvas.write(figure.title, at: .init(x: Self.margin, y: y + 14), .title)
            y += 24
        }
        for line in subtitles {
            canvas.write(String(line), at: .init(x: Self.margin, y: y + 10), .subtitle, color: .softText)
            y += Self.lineHeight
        }
        for line in legendLines {
            drawLegend(line, y: y + 14, on: canvas)
            y += 20
        }
        for (index, row) in figure.rows.enumerated() where !row.isEmpty {
            let width = (figure.width - Self.margin) / Double(row.count)
            for (column, plot) in row.enumerated() {
                PlotDrawing(
                    plot: plot, x: Self.margin / 2 + Double(column) * width, y: top + Double(index) * figure.rowHeight,
                    width: width, height: figure.rowHeight
                ).draw(on: canvas)
            }
        }
    }

    // MARK: The legend

    private struct Entry {
        let name: String
        let pen: Pen
        /// With the line before it and the space behind it.
        let width: Double
    }

    private static let sample = 30.0

    /// The series of all plots, each name once, as many in a line as have room.
    private var legendLines: [[Entry]] {
        guard let measure = try? Canvas.none() else { return [] }
        var (lines, names): ([[Entry]], Set<String>) = ([], [])
        var room = 0.0
        for plot in figure.rows.joined() {
            for (index, series) in plot.series.enumerated() {
                guard !series.name.isEmpty, names.insert(series.name).inserted else { continue }
                let width = Self.sample + 6 + measure.width(of: series.name, .legend) + 20
                if width > room {
                    lines.append([])
                    room = figure.width - 2 * Self.margin
                }
                lines[lines.count - 1].append(Entry(name: series.name, pen: .of(series, at: index), width: width))
                room -= width
            }
        }
        return lines
    }

    private func drawLegend(_ entries: [Entry], y: Double, on canvas: Canvas) {
        var x = Self.margin
        for entry in entries {
            canvas.stroke([.init(x: x, y: y - 4), .init(x: x + Self.sample, y: y - 4)], pen: entry.pen)
            canvas.write(entry.name, at: .init(x: x + Self.sample + 6, y: y), .legend)
            x += entry.width
        }
    }
}

/// Draws one plot into a rectangle.
private struct PlotDrawing {
    let plot: Plot
    let x: Double
    let y: Double
    let width: Double
    let height: Double

    private static let gridPen = Pen(color: .grid, width: 0.8)
    private static let axisPen = Pen(color: .axis, width: 1)

    func draw(on canvas: Canvas) {
        let points = plot.series.flatMap(\.points)
        let horizontal = AxisMap(plot.x, values: points.map(\.x), margin: 0)
        let vertical = AxisMap(plot.y, values: points.map(\.y), margin: 0.05)
        let yTicks = vertical.ticks(about: max(2, Int(height / 45)))
        let labelWidth = yTicks.map { canvas.width(of: $0.label, .tick) }.max() ?? 0
        // The area between the axes: left of it tick labels and the name of the axis, below it likewise.
        let left = x + labelWidth + 32
        let area = (
            x: left, y: y + (plot.title.isEmpty ? 8 : 26), width: x + width - left - 14,
            height: height - (plot.title.isEmpty ? 8 : 26) - 44
        )
        guard area.width > 10, area.height > 10 else { return }
        let bottom = area.y + area.height
        func place(_ x: Double, _ y: Double) -> Canvas.Point {
            .init(x: area.x + x * area.width, y: bottom - y * area.height)
        }

        if !plot.title.isEmpty { canvas.write(plot.title, at: .init(x: area.x, y: y + 17), .plotTitle) }
        for tick in yTicks {
            guard let at = vertical.place(of: tick.value) else { continue }
            canvas.stroke([place(0, at), place(1, at)], pen: Self.gridPen)
            let point = place(0, at)
            canvas.write(tick.label, at: .init(x: point.x - 6, y: point.y + 3.5), .tick, anchor: .end)
        }
        for tick in horizontal.ticks(about: max(2, Int(area.width / 60))) {
            guard let at = horizontal.place(of: tick.value) else { continue }
            let point = place(at, 0)
            canvas.stroke([place(at, 0), place(at, 1)], pen: Self.gridPen)
            canvas.stroke([point, .init(x: point.x, y: point.y + 4)], pen: Self.axisPen)
            canvas.write(tick.label, at: .init(x: point.x, y: point.y + 16), .tick, anchor: .middle)
        }
        canvas.write(plot.x.label, at: .init(x: area.x + area.width / 2, y: bottom + 33), .label, anchor: .middle)
        canvas.write(
            plot.y.label, at: .init(x: left - labelWidth - 16, y: area.y + area.height / 2), .label, anchor: .middle,
            upwards: true)
        // A little room, so that a line along the edge is not cut to half its width.
        canvas.clipped(x: area.x - 1.5, y: area.y - 1.5, width: area.width + 3, height: area.height + 3) {
            for (index, series) in plot.series.enumerated() {
                let pen = Pen.of(series, at: index)
                for run in runs(of: series, horizontal, vertical) { canvas.stroke(run.map(place), pen: pen) }
            }
        }
        canvas.stroke([place(0, 1), place(0, 0), place(1, 0)], pen: Self.axisPen)
    }

    /// The parts of a line between its gaps, in shares of the axes. Far outside they are drawn no further: Cairo's numbers
    /// end at 2^23.
    private func runs(of series: Series, _ horizontal: AxisMap, _ vertical: AxisMap) -> [[(Double, Double)]] {
        var runs: [[(Double, Double)]] = [[]]
        for point in series.points {
            if let x = horizontal.place(of: point.x), let y = vertical.place(of: point.y) {
                runs[runs.count - 1].append((max(-9, min(x, 10)), max(-9, min(y, 10))))
            } else {
                runs.append([])
            }
        }
        return runs.filter { !$0.isEmpty }
    }
}
