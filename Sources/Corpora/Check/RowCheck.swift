import AudioIO
import Foundation
import Messages

/// What is wrong with a row, seen by itself.
struct RowCheck {
    private let checked: CheckedRow
    private let index: Int
    private let options: CheckOptions
    private let speller: PhoneSpeller?
    private var text: String { checked.row.entry.text }

    init(_ checked: CheckedRow, index: Int, options: CheckOptions, speller: PhoneSpeller?) {
        (self.checked, self.index, self.options, self.speller) = (checked, index, options, speller)
    }

    func issues(_ measurement: Result<AudioMeasurement, AudioError>) -> [Issue] {
        var issues = textIssues
        switch measurement {
        case .failure(let error):
            var kind = FindingKind.doesNotOpen
            if case .notFinite = error { kind = .notFinite }
            issues.append(issue(kind, "\(error)"))
        case .success(let audio): issues += audioIssues(audio) + fitIssues(audio)
        }
        return issues
    }

    private func issue(_ kind: FindingKind, _ detail: String, weight: Double = 0) -> Issue {
        Issue(kind: kind, row: index, place: checked.row.place, detail: detail, weight: weight)
    }

    private var textIssues: [Issue] {
        if text.isEmpty { return [issue(.emptyText, "\"text\" is empty")] }
        return characterIssues + pronunciationIssues
    }

    private var pronunciationIssues: [Issue] {
        do {
            _ = try speller?.spoken(text)
            return []
        } catch {
            return [issue(.unpronounced, error.reason)]
        }
    }

    private var characterIssues: [Issue] {
        guard let unknown = options.characters?.unknown(in: text), !unknown.isEmpty else { return [] }
        let distinct = unknown.reduce(into: [Character]()) { if !$0.contains($1) { $0.append($1) } }
        let shown = distinct.prefix(8).map { "'\(OneLine.escaped(String($0)))'" }.joined(separator: " ")
        return [
            issue(
                options.requiresCharacters ? .unknownCharacters : .newCharacters,
                "\(shown)\(distinct.count > 8 ? " ..." : "") in \"\(text.shortened)\"",
                weight: Double(unknown.count))
        ]
    }

    private func audioIssues(_ audio: AudioMeasurement) -> [Issue] {
        var issues: [Issue] = []
        let level = 20 * log10(max(Double(audio.peak), 1e-10))
        if level < options.silenceLevel, !text.isEmpty {
            let detail = audio.peak == 0 ? "no sound at all" : String(format: "its peak is at %.0f dB", level)
            issues.append(issue(.silent, "\(detail), its text is \"\(text.shortened)\"", weight: -level))
        }
        if let damage = audio.damage { issues.append(issue(.damaged, damage)) }
        if audio.clippedShare > options.clippedShare {
            let detail = String(format: "%.2f %% of its samples are at full scale", 100 * audio.clippedShare)
            issues.append(issue(.clipped, detail, weight: audio.clippedShare))
        }
        if audio.sampleRate < options.geometry.sampleRate {
            let detail = "\(audio.sampleRate) Hz, the model hears \(options.geometry.sampleRate) Hz"
            issues.append(issue(.narrow, detail, weight: -Double(audio.sampleRate)))
        }
        if let stated = checked.row.entry.duration {
            let difference = abs(stated - audio.duration)
            if difference > max(options.durationTolerance, audio.duration / 20) {
                let detail = String(format: "%.2f s, stated as %.2f s", audio.duration, stated)
                issues.append(issue(.duration, detail, weight: difference))
            }
        }
        return issues
    }

    /// How text and recording go together.
    private func fitIssues(_ audio: AudioMeasurement) -> [Issue] {
        guard !text.isEmpty, audio.duration > 0 else { return [] }
        let needed = CTCLength.shortest(text)
        let speeds = options.speeds.filter { options.geometry.steps(seconds: audio.duration, speed: $0) < needed }
        if let worst = speeds.max() {
            let steps = options.geometry.steps(seconds: audio.duration, speed: worst)
            let at = worst == 1 ? "" : " at speed \(worst)"
            let detail = String(
                format: "%.2f s make %d steps%@, its text needs %d", audio.duration, steps, at, needed)
            return [issue(.tooShort, detail, weight: Double(needed) / Double(max(steps, 1)))]
        }
        let rate = Double(text.count) / audio.duration
        if options.charactersPerSecond.contains(rate) { return [] }
        let isFast = rate > options.charactersPerSecond.upperBound
        let detail = String(format: "%.1f a second: %d in %.2f s", rate, text.count, audio.duration)
        return [issue(isFast ? .fast : .slow, "\(detail), \"\(text.shortened)\"", weight: isFast ? rate : -rate)]
    }
}

extension String {
    /// The text, cut to what a table has room for.
    var shortened: String { OneLine.escaped(count > 40 ? prefix(37) + "..." : self) }
}
