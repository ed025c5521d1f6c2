import Foundation
import TestSupport
import Testing

import TensorFiles

@Suite struct ReferenceFiles {
    @Test(.enabled(if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing)))
    func everyTensorThatPythonWroteIsRead() throws {
        let folder = try #require(Folders.reference)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".safetensors") }
        try #require(!files.isEmpty)
        for name in files {
            let file = try SafetensorsFile(path: folder.appendingPathComponent(name).path)
            #expect(!file.names.isEmpty)
            #expect(file.names == file.names.sorted())
            for tensor in file.names {
                let count = try #require(file.shape(of: tensor)).reduce(1, *)
                if file.dataType(of: tensor)?.isFloatingPoint == true {
                    #expect(try file.tensor(tensor).values.count == count)
                } else {
                    #expect(try file.integers(tensor).count == count)
                }
            }
        }
    }
}
