import Foundation
import TestSupport
import Testing

import TensorFiles

/// The bytes of a safetensors file, lawful or not.
func safetensors(_ header: String, data: Int = 0, statedLength: UInt64? = nil) -> [UInt8] {
    let header = Array(header.utf8)
    let length = statedLength ?? UInt64(header.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header + [UInt8](repeating: 0, count: data)
}

/// The description of the error that opening a safetensors file of these bytes throws.
func messageOfOpening(_ bytes: [UInt8]) throws -> String? {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "file.safetensors")
    return message { _ = try SafetensorsFile(path: path) }
}
