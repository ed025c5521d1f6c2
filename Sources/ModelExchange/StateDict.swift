import AcousticModel
import Messages
import Networks
import TensorFiles

/// The tensors of a PyTorch module, from a safetensors file of which nothing is trusted.
final class StateDict {
    let path: String
    private let file: SafetensorsFile
    private var used: Set<String> = []

    /// - Throws: `TensorFileError` where the file is no safetensors file, `ModelError` where it is a model already.
    init(path: String) throws {
        self.path = path
        file = try SafetensorsFile(path: path)
        guard file.metadata["utter"] == nil else {
            throw error("is a model of Utter, no state dict of PyTorch", mend: "use it as it is")
        }
    }

    /// The names of all tensors, sorted.
    var names: [String] { file.names }

    func has(_ name: String) -> Bool { file.shape(of: name) != nil }
    func shape(of name: String) -> [Int]? { file.shape(of: name) }

    func error(_ problem: String, mend: String) -> ModelError { ModelError(path, problem, mend: mend) }

    /// The values of a tensor, which counts as read.
    /// - Parameter hint: is added where the shape is another.
    func values(_ name: String, shape: [Int], hint: (_ found: [Int]) -> String = { _ in "" }) throws -> [Float] {
        guard let found = file.shape(of: name) else {
            throw error(
                "lacks the tensor \(OneLine.quoted(name))",
                mend: "save the whole state dict, or name its modules under 'tensors' in the description")
        }
        guard found == shape else {
            throw error(
                "has the tensor \(OneLine.quoted(name)) in the shape \(found.prefix(8)), and the description asks for "
                    + "\(shape)\(hint(found))",
                mend: "make the description say what was trained")
        }
        let values = try file.tensor(name).values
        guard values.allSatisfy(\.isFinite) else {
            throw error(
                "has infinite values or not-a-numbers in the tensor \(OneLine.quoted(name))",
                mend: "take a checkpoint from before the training ran astray")
        }
        used.insert(name)
        return values
    }

    func matrix(_ name: String, rows: Int, columns: Int, hint: (_ found: [Int]) -> String = { _ in "" }) throws
        -> Matrix
    {
        Matrix(rows: rows, columns: columns, values: try values(name, shape: [rows, columns], hint: hint))
    }

    /// Counts a tensor as read that a recogniser does not need.
    func passOver(_ name: String) { used.insert(name) }

    /// Tensors that no part of the model has read.
    var unread: [String] { names.filter { !used.contains($0) } }

    /// The name of a tensor of a module; of a bare module, the tensor's own name.
    static func name(_ module: String, _ tensor: String) -> String { module.isEmpty ? tensor : "\(module).\(tensor)" }

    /// The name of a tensor of one direction of a recurrent layer: `rnn.weight_ih_l0`, `rnn.weight_ih_l0_reverse`.
    static func name(_ module: String, _ tensor: String, layer: Int, direction: Int) -> String {
        name(module, "\(tensor)_l\(layer)\(direction == 1 ? "_reverse" : "")")
    }

    /// The name of the weights by which such a direction reads its inputs: a layer has them whatever its cell.
    static func inputWeight(_ module: String, layer: Int, direction: Int = 0) -> String {
        name(
            module, RecurrentWeights.rows((gates: 1, inputs: 1, hidden: 1))[0].name, layer: layer, direction: direction)
    }

    /// The modules that have a tensor of this name.
    func modules(having tensor: String) -> [String] {
        names.compactMap { name in
            if name == tensor { return "" }
            return name.hasSuffix(".\(tensor)") ? String(name.dropLast(tensor.count + 1)) : nil
        }
    }
}

/// y = scale x + shift, coefficient by coefficient: what batch normalisation is once training is over, and what a
/// matrix that reads y can do itself.
struct Affine {
    var scale: [Double]
    var shift: [Double]

    /// This, then another.
    func followed(by other: Affine) -> Affine {
        Affine(
            scale: zip(scale, other.scale).map { $0 * $1 },
            shift: zip(shift, zip(other.scale, other.shift)).map { $0 * $1.0 + $1.1 })
    }

    /// The same for each of several frames side by side.
    func repeated(_ count: Int) -> Affine {
        Affine(
            scale: (0..<count).flatMap { _ in scale }, shift: (0..<count).flatMap { _ in shift })
    }

    /// scale (W x + b) + shift as W' x + b': W' = diag(scale) W, b' = scale b + shift.
    func following(_ weight: Matrix, bias: [Float]) -> (weight: Matrix, bias: [Float]) {
        let values = weight.values.indices.map { index in
            Float(Double(weight.values[index]) * scale[index / weight.columns])
        }
        let sums = bias.indices.map { Float(Double(bias[$0]) * scale[$0] + shift[$0]) }
        return (Matrix(rows: weight.rows, columns: weight.columns, values: values), sums)
    }

    /// W (scale x + shift) + b as W' x + b': W' = W diag(scale), b' = b + W shift.
    func folded(into weight: Matrix, bias: [Float]) -> (weight: Matrix, bias: [Float]) {
        var (values, sums) = (weight.values, bias)
        for row in 0..<weight.rows {
            var sum = Double(bias[row])
            for column in 0..<weight.columns {
                let index = row * weight.columns + column
                sum += Double(values[index]) * shift[column]
                values[index] = Float(Double(values[index]) * scale[column])
            }
            sums[row] = Float(sum)
        }
        return (Matrix(rows: weight.rows, columns: weight.columns, values: values), sums)
    }
}
