import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct InfoCommandTests {
    @Test("info says what a recording is, in rows and as JSON")
    func recording() throws {
        let file = "audio/call-me-in-the-morning-stereo.wav"
        let rows = try BuiltCommand.run(["info", file])
        #expect(rows.exitCode == 0)
        #expect(rows.output.contains("sample rate  44100 Hz\n"))
        #expect(rows.output.contains("channels     2\n"))
        let json = try BuiltCommand.run(["info", "--json", file])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(object["sample_rate"] as? Int == 44_100)
        #expect(object["channels"] as? Int == 2)
        #expect(object["duration"] as? Double ?? 0 > 1)
    }

    @Test("info says what a model is, in rows and as JSON")
    func model() throws {
        let rows = try BuiltCommand.run(["info", "models/english-small.safetensors"])
        #expect(rows.exitCode == 0)
        #expect(rows.output.contains("4 layers of 384 bidirectional GRU units"))
        let json = try BuiltCommand.run(["info", "--json", "models/english-small.safetensors"])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let description = try #require(object["description"] as? [String: Any])
        #expect(description["name"] as? String == "english-small")
        #expect(object["parameters"] as? Int ?? 0 > 5_000_000)
    }

    @Test("info of what is neither is one line and exit code 1")
    func neither() throws {
        for file in ["Package.swift", "missing", "audio"] {
            let result = try BuiltCommand.run(["info", file])
            #expect(result.exitCode == 1)
            #expect(result.errorLines.count == 1)
            #expect(result.errors.hasPrefix("error: \"\(file)\""))
        }
    }
}

@Suite struct FeaturesCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("the same features come as safetensors, NumPy and CSV")
    func formats() throws {
        let outputs = ["f.safetensors", "f.npy", "f.csv"].map(folder.path)
        for output in outputs {
            let result = try BuiltCommand.run(
                ["features", "audio/ten-seconds.wav", "--kind", "mfcc", "--coefficients", "13", "--output", output])
            #expect(result.exitCode == 0)
            #expect(result.output + result.errors == "")
        }
        let tensor = try SafetensorsFile(path: outputs[0]).tensor("features")
        #expect(tensor.shape[1] == 13)
        #expect(abs(tensor.shape[0] - 1001) < 10)
        #expect(try NumPyFile.read(path: outputs[1]) == tensor)
        let rows = try String(contentsOfFile: outputs[2], encoding: .utf8).split(separator: "\n")
        #expect(rows.flatMap { $0.split(separator: ",").compactMap { Float($0) } } == tensor.values)
    }

    @Test("deltas and normalisation do what they say")
    func derived() throws {
        let output = folder.path("f.npy")
        let result = try BuiltCommand.run([
            "features", "audio/ten-seconds.wav", "--kind", "fbank", "--mel-bands", "20", "--deltas", "1", "--normalise",
            "mean-variance", "--output", output,
        ])
        #expect(result.exitCode == 0)
        let tensor = try NumPyFile.read(path: output)
        #expect(tensor.shape[1] == 40)
        for column in 0..<40 {
            let values = (0..<tensor.shape[0]).map { Double(tensor.values[$0 * 40 + column]) }
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            #expect(abs(mean) < 1e-4 && abs(variance - 1) < 1e-3)
        }
    }

    @Test("wrong options have exit code 2 and say what may be given")
    func usage() throws {
        for (arguments, fragment) in [
            (["--output", "f.txt"], "its ending must be .safetensors, .npy or .csv"),
            (["--output", "f.npy", "--coefficients", "50"], "50 cepstral coefficients of 40 mel bands"),
            (["--output", "f.npy", "--deltas", "9"], "give 0 to 4"), ([], "Missing expected argument '--output"),
        ] {
            let result = try BuiltCommand.run(["features", "audio/ten-seconds.wav"] + arguments)
            #expect(result.exitCode == 2)
            #expect(result.errors.contains(fragment), "\(result.errors)")
        }
    }

    @Test("a recording shorter than a frame is one line and exit code 1, and no file is left")
    func tooShort() throws {
        let path = try folder.write(WAVBytes(data: pcm16([0.1, 0.2])).bytes, to: "short.wav")
        let result = try BuiltCommand.run(["features", path, "--output", folder.path("f.npy")])
        #expect(result.exitCode == 1)
        #expect(result.errorLines.count == 1)
        #expect(!FileManager.default.fileExists(atPath: folder.path("f.npy")))
    }
}
