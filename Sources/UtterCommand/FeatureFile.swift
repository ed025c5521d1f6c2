import ArgumentParser
import Foundation
import Utter

/// Features in a file of the format that its ending names.
enum FeatureFile {
    enum Format: String, CaseIterable {
        case safetensors, npy, csv
    }

    /// The format of a path.
    static func format(of path: String) throws(ValidationError) -> Format {
        guard let format = Format(rawValue: (path as NSString).pathExtension.lowercased()) else {
            throw ValidationError("--output \(path): its ending must be .safetensors, .npy or .csv.")
        }
        return format
    }

    /// Writes a row for each frame; a safetensors file says in its metadata how they were computed.
    static func write(_ features: FeatureMatrix, options: FeatureOptions, to path: String) throws {
        let tensor = try Tensor(shape: [features.frames, features.dimension], values: features.values)
        switch try format(of: path) {
        case .npy: try NumPyFile.write(tensor, to: path)
        case .csv: try CSVFile.write(tensor, to: path)
        case .safetensors:
            let metadata = [
                "kind": options.kind.rawValue, "sample_rate": "\(options.sampleRate)",
                "window_ms": "\(options.windowLength)", "shift_ms": "\(options.frameShift)",
                "num_mel_bins": "\(options.melBands)",
            ]
            try SafetensorsWriter.write(["features": .float32(tensor)], metadata: metadata, to: path)
        }
    }
}
