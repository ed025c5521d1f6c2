import ArgumentParser
import Foundation
import UtterTraining

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
    static func write(
        _ features: FeatureMatrix, options: FeatureOptions, deltas: Int, normalisation: String, to path: String
    ) throws {
        let tensor = try Tensor(shape: [features.frames, features.dimension], values: features.values)
        switch try format(of: path) {
        case .npy: try NumPyFile.write(tensor, to: path)
        case .csv: try CSVFile.write(tensor, to: path)
        case .safetensors:
            // The names are those of a model's description (models/README.md).
            var metadata = [
                "kind": options.kind.rawValue, "sample_rate": "\(options.sampleRate)",
                "window_ms": "\(options.windowLength)", "shift_ms": "\(options.frameShift)",
                "window": options.window.rawValue, "preemphasis": "\(options.preemphasis)",
                "remove_dc": "\(options.removesDC)", "fft": "\(options.fourierSize)",
                "num_mel_bins": "\(options.melBands)", "low_freq": "\(options.lowFrequency)",
                "high_freq": "\(options.highFrequency)", "use_energy": "\(options.usesEnergy)",
                "snip_edges": "\(options.snipsEdges)", "dither": "0", "samples": "int16 range",
                "deltas": "\(deltas)", "normalisation": normalisation,
            ]
            if options.kind == .mfcc {
                metadata["num_ceps"] = "\(options.coefficients)"
                metadata["lifter"] = "\(options.lifter)"
            }
            try SafetensorsWriter.write(["features": .float32(tensor)], metadata: metadata, to: path)
        }
    }
}
