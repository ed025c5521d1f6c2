import AcousticModel
import CTC
import Networks
import VectorKernels

/// A head while it learns: what stands between encoder outputs and the loss.
package struct TrainableHead: TrainableLayer {
    package let kind: HeadKind
    /// The hidden layer, with a ReLU behind it; nil for a linear head.
    package var hidden: Linear?
    package var last: Linear
    /// The labels of a head of phrases, and what each scores by itself; nil for other heads.
    package var phrases: PhraseScores?
    /// The n-gram of labels that its scores are learned against; nil for plain CTC and other heads. It does not learn.
    package var ngram: LabelNGram?
    /// Class 0, the blank of a CTC head and the rejection class of a classifier.
    package static let blank = 0
    /// The share of a classifier's label that is spread over all classes.
    package static let smoothing: Float = 0.1

    package init(kind: HeadKind, hidden: Linear? = nil, last: Linear, phrases: PhraseScores? = nil) {
        precondition((kind == .phrases) == (phrases != nil))
        (self.kind, self.hidden, self.last, self.phrases) = (kind, hidden, last, phrases)
    }

    /// The characters beside the phones of a model; nil where there are none.
    package init?(charactersOf model: AcousticModel) {
        guard let characters = model.head.characters else { return nil }
        self.init(kind: .characters, last: characters.layer)
    }

    /// That of a model.
    package init(_ head: Head) {
        self.init(kind: head.kind, hidden: head.layers.hidden, last: head.layers.last, phrases: head.phrases)
        ngram = head.ngram
    }

    /// The head of a model, as it is now.
    /// - Parameters:
    ///   - vocabulary: what the classes stand for.
    ///   - characters: beside phones.
    ///   - threshold: of a head that labels recordings.
    package func head(_ vocabulary: Vocabulary, beside characters: CharacterHead? = nil, threshold: Double? = nil)
        -> Head
    {
        let layers = OutputLayers(hidden: hidden, last: last, vocabulary: vocabulary)
        if let phrases { return .phrases(layers, phrases, threshold: threshold) }
        switch kind {
        case .words: return .words(layers, ngram: ngram)
        case .phones: return .phones(layers, beside: characters, ngram: ngram)
        case .classifier: return .classifier(layers, threshold: threshold)
        case .characters, .phrases: return .characters(layers, ngram: ngram)
        }
    }

    /// Of the hidden layer, if there is one, then of the last, then of the phrases, if there are some.
    package struct Gradient: LayerGradient {
        var hidden: MatrixGradient?
        var last: MatrixGradient
        var phrases: [Float]?

        package var tensors: [[Float]] {
            get { (hidden?.tensors ?? []) + last.tensors + (phrases.map { [$0] } ?? []) }
            set {
                var left = newValue[...]
                if hidden != nil { hidden?.tensors = left.taking(2) }
                last.tensors = left.taking(2)
                if phrases != nil { phrases = left.taking(1).first }
            }
        }
    }

    package var parameters: [[Float]] {
        get { (hidden?.parameters ?? []) + last.parameters + (phrases.map { [$0.bias] } ?? []) }
        set {
            var left = newValue[...]
            if hidden != nil { hidden?.parameters = left.taking(2) }
            last.parameters = left.taking(2)
            if phrases != nil, let bias = left.taking(1).first { phrases?.bias = bias }
        }
    }

    /// The names of ``parameters`` in a model file.
    package func names(_ module: String = TensorName.head) -> [String] {
        OutputLayers.parts(hidden: hidden, last: last, phrases: phrases, named: module).flatMap(\.weightNames)
    }

    package func zeroGradient() -> Gradient {
        Gradient(
            hidden: hidden?.zeroGradient(), last: last.zeroGradient(),
            phrases: phrases.map { $0.bias.map { _ in 0 } })
    }

    /// The scores of a batch of encoder outputs, the loss, and the way back.
    /// - Parameters:
    ///   - labels: of each sequence, in the order in which they were given.
    ///   - weight: by what the gradient is multiplied.
    ///   - gradient: to which that of the weights is added.
    /// - Returns: the sum of the losses, nats; the gradient of the input, [rows, encoder outputs]; sequences without a path.
    package func learn(
        _ x: SequenceBatch, labels: [[Int]], weight: Float, loss: TrainingLoss, gradient: inout Gradient, threads: Int
    ) throws -> (loss: Double, dInput: Matrix, impossible: Int) {
        let below = hidden?.forward(x.values).rectified()
        let input = below ?? x.values
        var scores = last.forward(input)
        let (sum, impossible): (Double, Int)
        if let phrases {
            var bias = gradient.phrases ?? []
            (sum, impossible) = try spelled(
                &scores, x.layout, labels, weight, phrases, loss.ctc, biasGradient: &bias, threads: threads)
            gradient.phrases = bias
        } else if kind == .classifier {
            (sum, impossible) = (pooled(&scores, x.layout, labels, weight), 0)
        } else {
            (sum, impossible) = try aligned(&scores, x.layout, labels, weight, loss, threads: threads)
        }
        var dInput = last.backward(scores, input: input, gradient: &gradient.last)
        if let hidden, let below, var mine = gradient.hidden {
            dInput = hidden.backward(dInput.throughRectifier(output: below), input: x.values, gradient: &mine)
            gradient.hidden = mine
        }
        return (sum, dInput, impossible)
    }

    /// CTC or CTC-CRF, which turns the scores into their gradient, in place.
    private func aligned(
        _ scores: inout Matrix, _ batch: BatchLayout, _ labels: [[Int]], _ weight: Float, _ loss: TrainingLoss,
        threads: Int
    ) throws -> (Double, Int) {
        let layout = CTCLayout.packed(
            lengths: batch.lengths, order: batch.order, firstRow: batch.firstRow, classes: scores.columns)
        let losses = try scores.withUnsafeMutableBufferPointer { scores in
            try loss.evaluate(
                logits: UnsafeBufferPointer(scores), gradient: scores, layout: layout, targets: labels,
                weight: weight, threads: threads)
        }
        return (losses.utterances.reduce(0, +), losses.impossible.count)
    }

    /// The cross-entropy of each recording's label, likewise. No label at all is the rejection class.
    private func pooled(
        _ scores: inout Matrix, _ layout: BatchLayout, _ labels: [[Int]], _ weight: Float
    ) -> Double {
        let (batch, columns) = (SequenceBatch(layout: layout, values: scores), scores.columns)
        var sum = 0.0
        let gradients = zip(batch.sequences, labels).map { sequence, labels in
            var sequence = sequence
            guard sequence.rows > 0 else { return sequence }
            sequence.withUnsafeMutableBufferPointer { steps in
                let pooled = PooledScores(steps: UnsafeBufferPointer(steps), columns: columns)
                sum += pooled.backward(
                    label: labels.first ?? Self.blank, smoothing: Self.smoothing, weight: weight, steps: steps)
            }
            return sequence
        }
        if !gradients.isEmpty { scores = SequenceBatch(gradients).values }
        return sum
    }

    /// The cross-entropy of each recording's phrase, likewise.
    private func spelled(
        _ scores: inout Matrix, _ layout: BatchLayout, _ labels: [[Int]], _ weight: Float, _ phrases: PhraseScores,
        _ loss: CTCLoss, biasGradient: inout [Float], threads: Int
    ) throws -> (Double, Int) {
        let sequences = SequenceBatch(layout: layout, values: scores).sequences
        let learned = try Parallel.map(sequences.count, threads: threads) { index in
            // Class 0 of the labels is none of them, which comes last here.
            let label = labels[index].first.map { $0 - 1 } ?? -1
            return Result {
                try PhraseLoss(phrases, loss).evaluate(
                    sequences[index], label: label < 0 ? phrases.phrases.count : label, weight: weight)
            }
        }.map { try $0.get() }
        for part in learned { biasGradient.add(part.bias) }
        if !learned.isEmpty { scores = SequenceBatch(learned.map(\.steps)).values }
        return (learned.reduce(0) { $0 + $1.loss }, learned.count(where: \.isImpossible))
    }
}

extension ArraySlice {
    /// Takes so many of the first, or as many as there are.
    fileprivate mutating func taking(_ count: Int) -> [Element] {
        defer { self = dropFirst(count) }
        return Array(prefix(count))
    }
}
