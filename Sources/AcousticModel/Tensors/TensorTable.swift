import Networks

/// A tensor of a part of a model: a row of the table by which files are read and written, weights are trained and models exported.
package struct TensorRow<Part> {
    /// Its name within the part.
    package let name: String
    /// Its shape, the outermost dimension first.
    package let shape: [Int]
    /// Where its values lie.
    let values: (Part) -> [Float]
    /// Whether it is a weight, which training changes.
    package let isWeight: Bool

    init(_ name: String, _ shape: [Int], isWeight: Bool = true, _ values: @escaping (Part) -> [Float]) {
        (self.name, self.shape, self.isWeight, self.values) = (name, shape, isWeight, values)
    }
}

/// A part of a model that has tensors.
package protocol TensorPart {
    /// What their shapes are made of.
    associatedtype Size
    /// The size that it has.
    var size: Size { get }
    /// Its tensors; the weights of a layer in the order of its `parameters`.
    static func rows(_ size: Size) -> [TensorRow<Self>]
    /// Whether files hold it in float32 always: few values, of any magnitude.
    static var isExact: Bool { get }
}

extension TensorPart {
    package static var isExact: Bool { false }
    package var rows: [TensorRow<Self>] { Self.rows(size) }

    /// - Parameter name: of a tensor by that of its row.
    package func tensors(_ name: (String) -> String) -> [ModelTensor] {
        rows.map {
            ModelTensor(name: name($0.name), shape: $0.shape, values: $0.values(self), isExact: Self.isExact)
        }
    }

    /// - Parameter module: what stands before the names.
    package func tensors(named module: String) -> [ModelTensor] { tensors { TensorName.joined(module, $0) } }

    /// The names of its weights.
    fileprivate func weightNames(_ module: String) -> [String] {
        rows.filter(\.isWeight).map { TensorName.joined(module, $0.name) }
    }

    fileprivate var weightCount: Int { rows.filter(\.isWeight).reduce(0) { $0 + $1.shape.reduce(1, *) } }
}

/// A tensor as a file holds it.
package struct ModelTensor {
    package let name: String
    package let shape: [Int]
    package let values: [Float]
    package let isExact: Bool
}

/// What model files, checkpoints and graphs call the parts of a model.
package enum TensorName {
    package static let frontEnd = "frontend"
    package static let convolution = "encoder.convolution"
    package static let head = "head"
    package static let characterHead = "character_head"
    package static let speechDetector = "speech"
    package static let ngram = "ngram"

    /// A layer of the encoder; 0 is the lowest.
    package static func layer(_ layer: Int) -> String { "encoder.layers.\(layer)" }

    /// One direction of it: 0 is forward, 1 backward.
    package static func layer(_ layer: Int, direction: Int) -> String {
        "\(self.layer(layer)).\(direction == 0 ? "forward" : "backward")"
    }

    /// The layer below the last of a head.
    package static func hidden(_ head: String) -> String { "\(head).hidden" }

    package static func joined(_ module: String, _ tensor: String) -> String { "\(module).\(tensor)" }
}

/// A part of a model by its name.
package struct NamedPart {
    private let name: String
    private let part: any TensorPart

    package init(_ name: String, _ part: any TensorPart) { (self.name, self.part) = (name, part) }

    /// Its tensors.
    package var tensors: [ModelTensor] { part.tensors(named: name) }
    /// The names of its weights, in the order of a layer's `parameters`.
    package var weightNames: [String] { part.weightNames(name) }
    /// How many weights it has.
    package var weightCount: Int { part.weightCount }
}

extension RecurrentNetwork {
    /// The convolution, where there is one.
    package var convolutionPart: NamedPart? { convolution.map { NamedPart(TensorName.convolution, $0) } }

    /// The directions of each layer.
    /// - Parameter first: the number of the lowest in its model.
    package func layerParts(from first: Int = 0) -> [[NamedPart]] {
        layers.enumerated().map { index, layer in
            layer.directions.enumerated().map {
                NamedPart(TensorName.layer(first + index, direction: $0), $1)
            }
        }
    }
}

extension OutputLayers {
    /// The hidden layer, where there is one, and the last.
    package static func parts(
        hidden: Linear?, last: Linear, phrases: PhraseScores? = nil, named name: String = TensorName.head
    ) -> [NamedPart] {
        (hidden.map { [NamedPart(TensorName.hidden(name), $0)] } ?? []) + [NamedPart(name, last)]
            + (phrases.map { [NamedPart(name, $0)] } ?? [])
    }
}

extension Head {
    /// Its layers, the characters beside them, its phrases and its n-gram.
    fileprivate var parts: [NamedPart] {
        OutputLayers.parts(hidden: layers.hidden, last: layers.last, phrases: phrases)
            + (characters.map { [NamedPart(TensorName.characterHead, $0.layer)] } ?? [])
            + (ngram.map { [NamedPart(TensorName.ngram, $0)] } ?? [])
    }
}

extension AcousticModel {
    /// Everything that its file holds.
    /// - Parameter changed: the layers of the encoder that an adapter does not leave to its base; the convolution belongs to the
    ///   lowest.
    func parts(changedLayers changed: Range<Int>) -> [NamedPart] {
        (frontEnd.scale.isEmpty ? [] : [NamedPart(TensorName.frontEnd, frontEnd)])
            + (changed.lowerBound == 0 ? encoder.convolutionPart.map { [$0] } ?? [] : [])
            + encoder.layerParts()[changed].flatMap { $0 } + head.parts
            + (speechDetector.map { [NamedPart(TensorName.speechDetector, $0)] } ?? [])
    }

    /// The number of weights.
    public var parameterCount: Int {
        parts(changedLayers: encoder.layers.indices).reduce(0) { $0 + $1.weightCount }
    }
}
