/// A part of a file that libsndfile can decode by itself: all of an ordinary file.
struct SoundPart {
    /// What libsndfile is shown; nil for the file as it lies.
    var layout: VirtualFile.Layout?
    /// What the header's length is worth.
    var length = ContainerLayout.Length.fits
    /// How many parts before this one, and itself, are slices of one container, which `length` is of.
    var slices = 1
    /// Samples of each channel, where more is known than libsndfile says.
    var samples: Int?
    /// Whether the mark that ends the stream is missing.
    var lacksEndMark = false
    /// Places where sound is missing.
    var gaps = 0
    /// Of the first of them, from the start of the part.
    var gapSeconds: Double?

    /// Whether it is known, without decoding, that it lacks sound.
    var hasLoss: Bool {
        if case .short = length { return true }
        return lacksEndMark || gaps > 0
    }

    /// The parts of a file; at least one.
    static func all(of source: SourceFile) -> [SoundPart] {
        if source.bytes(at: 0, count: 4).text(at: 0) == "OggS" { return ogg(source) }
        let streams = FLACStream.all(in: source)
        if let first = streams.first {
            // A tag in front libsndfile passes over by itself.
            let isPlain = streams.count == 1 && first.patches.isEmpty
            return streams.map { stream in
                SoundPart(
                    layout: isPlain ? nil : VirtualFile.Layout(segments: [stream.range], patches: stream.patches),
                    samples: stream.samples)
            }
        }
        return containers(source)
    }

    func open(_ source: SourceFile) throws(SoundFileHandle.OpenFailure) -> SoundFileHandle {
        // Whoever looked at the file before may have moved it.
        source.rewind()
        guard let layout else {
            return try SoundFileHandle(descriptor: source.descriptor, mode: SoundFileHandle.reading)
        }
        return try SoundFileHandle(VirtualFile(source, layout))
    }

    private static func ogg(_ source: SourceFile) -> [SoundPart] {
        let links = OggLinks(of: source).links
        guard !links.isEmpty else { return [SoundPart(lacksEndMark: true)] }
        return links.map { link in
            SoundPart(
                layout: links.count == 1 ? nil : VirtualFile.Layout(segments: [link.range]),
                lacksEndMark: !link.hasEnd, gaps: link.gaps,
                gapSeconds: link.samplesBeforeGap.map { link.rate > 0 ? Double($0) / Double(link.rate) : 0 })
        }
    }

    /// More than these are no recording.
    private static let mostContainers = 4_096

    private static func containers(_ source: SourceFile) -> [SoundPart] {
        var parts: [SoundPart] = []
        var base = 0
        while parts.count < mostContainers {
            let container = ContainerLayout(of: source, from: base)
            let layouts = container.layouts
            for (index, layout) in layouts.enumerated() {
                // Of several slices the last tells what is wrong with all.
                let isLast = index == layouts.count - 1
                parts.append(SoundPart(layout: layout, length: isLast ? container.length : .fits, slices: index + 1))
            }
            guard container.end > base, container.end < source.length,
                ContainerLayout.begins(in: source, at: container.end)
            else { break }
            base = container.end
        }
        return parts.isEmpty ? [SoundPart()] : parts
    }
}
