/// A graph of ONNX operators under construction (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>; the numbers
/// of the fields are those of that file).
struct ONNXGraph {
    /// The element types that are used here.
    enum ElementType: Int {
        case float = 1
        case int64 = 7
        case int32 = 6
    }

    /// The attributes of a node.
    enum Attribute {
        case integer(Int)
        case integers([Int])
        case text(String)
        case texts([String])
    }

    /// A dimension that is known, or named.
    enum Dimension {
        case size(Int)
        case named(String)
    }

    private var nodes: [ProtobufMessage] = []
    private var initializers: [ProtobufMessage] = []
    private var inputs: [ProtobufMessage] = []
    private var outputs: [ProtobufMessage] = []
    /// The version of the operators: the first with all that are used here in their present form.
    static let operatorSet = 17
    /// The version of the format that belongs to it.
    private static let formatVersion = 8

    /// The bytes of all constants.
    private(set) var constantBytes = 0

    /// A value that the caller gives.
    mutating func input(_ name: String, _ type: ElementType, _ shape: [Dimension]) -> String {
        inputs.append(Self.value(name, type, shape))
        return name
    }

    /// A value that the caller gets.
    mutating func output(_ name: String, _ type: ElementType, _ shape: [Dimension]) {
        outputs.append(Self.value(name, type, shape))
    }

    /// A constant of floats, row-major.
    mutating func constant(_ name: String, _ shape: [Int], _ values: [Float]) -> String {
        let words = values.map(\.bitPattern.littleEndian)
        return constant(name, shape, .float, words.withUnsafeBytes(Array.init))
    }

    /// A constant of 64-bit integers: one of them is a scalar unless a shape is given.
    mutating func constant(_ name: String, _ values: [Int], shape: [Int]? = nil) -> String {
        let words = values.map { Int64($0).littleEndian }
        return constant(name, shape ?? [values.count], .int64, words.withUnsafeBytes(Array.init))
    }

    private mutating func constant(_ name: String, _ shape: [Int], _ type: ElementType, _ raw: [UInt8]) -> String {
        var tensor = ProtobufMessage()
        if !shape.isEmpty { tensor.add(1, packed: shape) }
        tensor.add(2, type.rawValue)
        tensor.add(8, name)
        tensor.add(9, bytes: raw)
        initializers.append(tensor)
        constantBytes += raw.count
        return name
    }

    /// An operator whose first result has the given name.
    /// - Parameters:
    ///   - inputs: names of values; an empty one stands for an input that is left out.
    ///   - others: names of further results.
    mutating func node(
        _ operation: String, _ inputs: [String], _ attributes: [(String, Attribute)] = [], name: String,
        others: [String] = []
    ) -> String {
        var node = ProtobufMessage()
        for input in inputs { node.add(1, input) }
        node.add(2, name)
        for other in others { node.add(2, other) }
        node.add(3, name)
        node.add(4, operation)
        for (name, value) in attributes { node.add(5, Self.attribute(name, value)) }
        nodes.append(node)
        return name
    }

    /// The whole file.
    func model(name: String, description: String, metadata: [(String, String)]) -> [UInt8] {
        var graph = ProtobufMessage()
        nodes.forEach { graph.add(1, $0) }
        graph.add(2, name)
        initializers.forEach { graph.add(5, $0) }
        graph.add(10, description)
        inputs.forEach { graph.add(11, $0) }
        outputs.forEach { graph.add(12, $0) }
        var operators = ProtobufMessage()
        operators.add(1, "")
        operators.add(2, Self.operatorSet)
        var model = ProtobufMessage()
        model.add(1, Self.formatVersion)
        model.add(2, "utter")
        model.add(7, graph)
        model.add(8, operators)
        for (key, value) in metadata {
            var pair = ProtobufMessage()
            pair.add(1, key)
            pair.add(2, value)
            model.add(14, pair)
        }
        return model.bytes
    }

    private static func attribute(_ name: String, _ value: Attribute) -> ProtobufMessage {
        var attribute = ProtobufMessage()
        attribute.add(1, name)
        switch value {
        case .integer(let value):
            attribute.add(3, value)
            attribute.add(20, 2)
        case .text(let value):
            attribute.add(4, value)
            attribute.add(20, 3)
        case .integers(let values):
            for value in values { attribute.add(8, value) }
            attribute.add(20, 7)
        case .texts(let values):
            for value in values { attribute.add(9, value) }
            attribute.add(20, 8)
        }
        return attribute
    }

    private static func value(_ name: String, _ type: ElementType, _ shape: [Dimension]) -> ProtobufMessage {
        var dimensions = ProtobufMessage()
        for dimension in shape {
            var message = ProtobufMessage()
            switch dimension {
            case .size(let size): message.add(1, size)
            case .named(let name): message.add(2, name)
            }
            dimensions.add(1, message)
        }
        var tensor = ProtobufMessage()
        tensor.add(1, type.rawValue)
        tensor.add(2, dimensions)
        var valueType = ProtobufMessage()
        valueType.add(1, tensor)
        var value = ProtobufMessage()
        value.add(1, name)
        value.add(2, valueType)
        return value
    }
}
