import Messages

/// What rows have in common that they should not: recordings, sounds, texts, speakers.
struct SharedRows {
    private let rows: [CheckedRow]
    private let paths: [String]

    init(_ rows: [CheckedRow]) {
        self.rows = rows
        var resolver = RelativePaths(to: ".")
        paths = rows.map { resolver.absolute($0.row.audioPath) }
    }

    func issues() -> [Issue] {
        repeatedRecordings() + repeatedSounds() + repeatedTexts() + sharedSpeakers() + sharedTexts()
    }

    private func issue(_ kind: FindingKind, _ index: Int, _ detail: String, weight: Double = 0) -> Issue {
        Issue(kind: kind, row: index, place: rows[index].row.place, detail: detail, weight: weight)
    }

    private func areTrainAndDev(_ a: Int, _ b: Int) -> Bool {
        let roles = (rows[a].role, rows[b].role)
        return roles == (.train, .dev) || roles == (.dev, .train)
    }

    /// The same file twice. Between train and dev it is found as the same sound, or not at all where it does not open.
    private func repeatedRecordings() -> [Issue] {
        var first: [String: Int] = [:]
        return rows.indices.compactMap { index in
            guard let earlier = first[paths[index]] else {
                first[paths[index]] = index
                return nil
            }
            if areTrainAndDev(earlier, index) { return nil }
            let isSame = rows[earlier].row.entry.text == rows[index].row.entry.text
            return issue(
                .repeated, index, "also \(rows[earlier].row.place), with \(isSame ? "the same" : "another") text",
                weight: isSame ? 0 : 1)
        }
    }

    /// The same samples in files of different names.
    private func repeatedSounds() -> [Issue] {
        // Silence is equal to silence, and says nothing.
        let heard = rows.indices.filter { (rows[$0].audio?.peak ?? 0) > 0 }
        let groups = Dictionary(grouping: heard) { rows[$0].audio?.fingerprint ?? 0 }.values.filter { $0.count > 1 }
        return groups.flatMap { group -> [Issue] in
            let texts = Set(group.map { rows[$0].row.entry.text })
            var issues: [Issue] = []
            for index in group {
                if rows[index].role != .train, let other = group.first(where: { areTrainAndDev($0, index) }) {
                    issues.append(issue(.sharedSound, index, "as \(rows[other].row.place)"))
                    continue
                }
                let others = group.filter { paths[$0] != paths[index] && !areTrainAndDev($0, index) }
                guard let other = others.first else { continue }
                if texts.count > 1, let other = others.first(where: { !hasText(of: $0, index) }) {
                    let (mine, its) = (rows[index].row.entry.text.shortened, rows[other].row.entry.text.shortened)
                    issues.append(
                        issue(.contradiction, index, "\"\(mine)\", and \"\(its)\" at \(rows[other].row.place)"))
                } else if other < index {
                    issues.append(issue(.sameSound, index, "as \(rows[other].row.place)"))
                }
            }
            return issues
        }.sorted { ($0.row ?? 0) < ($1.row ?? 0) }
    }

    private func hasText(of a: Int, _ b: Int) -> Bool { rows[a].row.entry.text == rows[b].row.entry.text }

    private func repeatedTexts() -> [Issue] {
        var first: [[String]: Int] = [:]
        return rows.indices.compactMap { index in
            let entry = rows[index].row.entry
            guard let speaker = entry.speaker, !entry.text.isEmpty else { return nil }
            let key = [speaker, entry.text, rows[index].role.rawValue]
            guard let earlier = first[key] else {
                first[key] = index
                return nil
            }
            return issue(
                .sameText, index,
                "\(OneLine.escaped(speaker)) says \"\(entry.text.shortened)\" at \(rows[earlier].row.place) too")
        }
    }

    private func sharedSpeakers() -> [Issue] {
        let counts = shared { $0.speaker }
        return counts.map { speaker, group in
            issue(
                .sharedSpeaker, group.dev[0],
                "\(OneLine.escaped(speaker)): \(group.dev.count) rows here, \(group.train.count) in train",
                weight: Double(group.dev.count))
        }
    }

    private func sharedTexts() -> [Issue] {
        shared { $0.text.isEmpty ? nil : $0.text }.flatMap { text, group in
            group.dev.map { index in
                issue(
                    .sharedText, index, "\"\(text.shortened)\", also \(rows[group.train[0]].row.place)",
                    weight: Double(text.count))
            }
        }.sorted { ($0.row ?? 0) < ($1.row ?? 0) }
    }

    /// What stands in rows for training and in rows for measuring, each with the indices of both.
    private func shared(
        _ value: (ManifestEntry) -> String?
    ) -> [(value: String, group: (train: [Int], dev: [Int]))] {
        var groups: [String: (train: [Int], dev: [Int])] = [:]
        for (index, checked) in rows.enumerated() where checked.role != .any {
            guard let key = value(checked.row.entry) else { continue }
            if checked.role == .train {
                groups[key, default: ([], [])].train.append(index)
            } else {
                groups[key, default: ([], [])].dev.append(index)
            }
        }
        return groups.filter { !$0.value.train.isEmpty && !$0.value.dev.isEmpty }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
