import Foundation
import Networks
import TensorFiles

/// Vectors made by other tools, from a file of the reference folder.
public struct Reference {
    private let file: SafetensorsFile

    /// Opens `NAME.safetensors` of the reference folder.
    public init(_ name: String) throws {
        guard let folder = Folders.reference else { throw CocoaError(.fileNoSuchFile) }
        file = try SafetensorsFile(path: folder.appendingPathComponent(name + ".safetensors").path)
    }

    /// The names of all arrays.
    public var names: [String] { file.names }
    /// The file's metadata.
    public var metadata: [String: String] { file.metadata }

    /// Whether there is an array of this name.
    public func contains(_ name: String) -> Bool { file.names.contains(name) }
    /// An array of floats.
    public func tensor(_ name: String) throws -> Tensor { try file.tensor(name) }
    /// The values of an array of floats.
    public func values(_ name: String) throws -> [Float] { try file.tensor(name).values }
    /// The values of an array of integers.
    public func integers(_ name: String) throws -> [Int] { try file.integers(name) }

    /// What stands before `suffix` in the names that end with it.
    public func cases(endingWith suffix: String) -> [String] {
        names.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
    }

    /// The JSON object in `NAME.json` of the reference folder.
    public static func json(_ name: String) throws -> [String: Any] {
        guard let folder = Folders.reference else { throw CocoaError(.fileNoSuchFile) }
        let data = try Data(contentsOf: folder.appendingPathComponent(name + ".json"))
        return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }
}

/// The largest difference between two arrays; infinite where their sizes differ or a value is not a number.
public func largestDifference(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { largest, pair in
        let difference = abs(pair.0 - pair.1)
        return difference.isNaN ? .infinity : max(largest, difference)
    }
}

/// "rel" of the reference: the largest difference over the largest magnitude.
public func relativeDifference(_ ours: some Collection<Float>, _ theirs: [Float]) -> Float {
    let largest = theirs.map(abs).max() ?? 1
    return largestDifference(ours, theirs) / (largest > 0 ? largest : 1)
}

/// The generator of tests, whose numbers are the same on every machine.
public typealias SeededGenerator = SplitMix64

extension SplitMix64 {
    /// A number between -1 and 1.
    public mutating func uniform() -> Float { Float.random(in: -1...1, using: &self) }
}
