import Foundation
import TestSupport
import Testing

import TensorFiles

/// A file that breaks one rule, and what its error must say.
struct Malformed: Sendable, CustomTestStringConvertible {
    let rule: String
    let bytes: [UInt8]
    let says: String

    init(_ rule: String, _ bytes: [UInt8], says: String) { (self.rule, self.bytes, self.says) = (rule, bytes, says) }
    init(_ rule: String, _ header: String, data: Int = 0, says: String) {
        self.init(rule, safetensors(header, data: data), says: says)
    }

    /// A tensor "a" with one member of its description changed, and as many bytes of data.
    init(
        _ rule: String, dtype: String = #""F32""#, shape: String = "[2]", offsets: String = "[0,8]", data: Int = 8,
        says: String
    ) {
        self.init(
            rule, #"{"a":{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)}}"#, data: data, says: says)
    }

    var testDescription: String { rule }
}

@Suite struct MalformedSafetensors {
    static let lengths: [Malformed] = [
        Malformed("no bytes", [], says: "it has 0 bytes"),
        Malformed("fewer bytes than a length has", [2, 0, 0, 0, 0, 0, 0], says: "it has 7 bytes"),
        Malformed("longer header than file", safetensors("{}", statedLength: 3), says: "3 bytes, and 2 follow"),
        Malformed("no header", safetensors(""), says: "does not begin with {"),
        Malformed(
            "header of more than 100 MB", safetensors("{}", statedLength: 100_000_001), says: "100000000 are allowed"),
        Malformed(
            "largest length that can be stated", safetensors("{}", statedLength: .max),
            says: "would have 18446744073709551615 bytes"),
    ]

    static let json: [Malformed] = [
        Malformed("space before the object", " {}", says: "does not begin with {"),
        Malformed("array for an object", "[]", says: "does not begin with {"),
        Malformed(
            "invalid UTF-8", [6, 0, 0, 0, 0, 0, 0, 0] + Array("{\"".utf8) + [0xff] + Array("\":}".utf8),
            says: "is not UTF-8"),
        Malformed("no end", "{", says: "a string is missing at byte 1"),
        Malformed("no value", #"{"a":}"#, says: #""a" is not described by an object"#),
        Malformed("no colon", #"{"a"}"#, says: "a colon is missing"),
        Malformed("comma before the end", #"{"__metadata__":{},}"#, says: "a string is missing"),
        Malformed("no comma", #"{"__metadata__":{} "a":{}}"#, says: "a comma or the end of the object is missing"),
        Malformed("something after the object", "{} {}", says: "something follows the object"),
        Malformed("zero byte in the padding", "{}\0", says: "something follows the object"),
        Malformed("string without end", #"{"a"#, says: "a string has no end"),
        Malformed("line break in a string", "{\"a\nb\":{}}", says: "a control character stands in a string"),
        Malformed("unknown escape", #"{"\x":{}}"#, says: "an unknown escape"),
        Malformed("escape at the end", #"{"\"#, says: "an unknown escape"),
        Malformed("short hexadecimal escape", #"{"\u12"#, says: "four hexadecimal digits"),
        Malformed("half a surrogate pair", #"{"\ud83d":{}}"#, says: "half a surrogate pair"),
        Malformed("surrogate pair of two first halves", #"{"\ud83d\ud83d":{}}"#, says: "half a surrogate pair"),
        Malformed(
            "same tensor twice",
            #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"#
                + #""a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#, says: #"the key "a" stands there twice"#),
        Malformed(
            "same tensor twice, once escaped",
            #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"#
                + #""\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#, says: "stands there twice"),
        Malformed("metadata twice", #"{"__metadata__":{},"__metadata__":{}}"#, says: "stands there twice"),
        Malformed(
            "same member twice", #"{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#,
            says: #"the key "dtype" stands there twice"#),
        Malformed(
            "deep nesting", #"{"a":{"x":"# + String(repeating: "[", count: 100_000) + "}}",
            says: "nested deeper than 32"),
        Malformed("unknown word", #"{"a":{"x":nil}}"#, says: "no JSON"),
        Malformed("number with a leading zero", shape: "[02]", says: "a comma or the end of the array"),
        Malformed("number without digits after the point", shape: "[2.]", says: "no JSON"),
    ]

    static let entries: [Malformed] = [
        Malformed("metadata that is no object", #"{"__metadata__":null}"#, says: "no object of strings"),
        Malformed(
            "metadata with a number", #"{"__metadata__":{"format":1}}"#, says: #"holds no string under "format""#),
        Malformed("tensor that is no object", #"{"a":[1]}"#, says: #"the tensor "a" is not described by an object"#),
        Malformed("no dtype", #"{"a":{"shape":[0],"data_offsets":[0,0]}}"#, says: #""a" has no dtype"#),
        Malformed("no shape", #"{"a":{"dtype":"F32","data_offsets":[0,0]}}"#, says: #""a" has no shape"#),
        Malformed("no offsets", #"{"a":{"dtype":"F32","shape":[0]}}"#, says: #""a" has no data_offsets"#),
        Malformed("unknown dtype", dtype: #""F31""#, says: #"unknown dtype "F31""#),
        Malformed("dtype that is no string", dtype: "32", says: "the dtype of the tensor \"a\" is no string"),
        Malformed("shape that is no array", shape: "2", says: "the shape of the tensor \"a\" is no array of numbers"),
        Malformed("dimension that is no number", shape: #"["2"]"#, says: "something other than a number"),
        Malformed("nested shape", shape: "[[2]]", says: "something other than a number"),
        Malformed("negative dimension", shape: "[-2]", says: "holds a negative number"),
        Malformed("negative zero", shape: "[-0]", says: "holds a negative number"),
        Malformed("fractional dimension", shape: "[2.5]", says: "a fraction or an exponent"),
        Malformed("dimension with an exponent", shape: "[2e0]", says: "a fraction or an exponent"),
        Malformed("dimension beyond 64 bits", shape: "[99999999999999999999]", says: "a number that is too large"),
        Malformed("dimension beyond Int", shape: "[9223372036854775808]", says: "a number that is too large"),
        Malformed("product beyond Int", shape: "[4294967296,4294967296]", says: "more bytes than can be counted"),
        Malformed("bytes beyond Int", shape: "[4611686018427387904]", says: "more bytes than can be counted"),
        Malformed(
            "absurd rank", shape: "[\(Array(repeating: "1", count: 65).joined(separator: ","))]",
            says: "more than 64 numbers"),
        Malformed("one offset", offsets: "[8]", says: "are 1 numbers, not 2"),
        Malformed("three offsets", offsets: "[0,8,8]", says: "are 3 numbers, not 2"),
        Malformed("negative offset", offsets: "[-1,8]", says: "the data_offsets of the tensor \"a\" holds a negative"),
        Malformed("end before the beginning", offsets: "[8,0]", says: "begins at 8 and ends before that, at 0"),
        Malformed("size that is not that of the shape", shape: "[3]", says: "has 8 bytes, and its shape and dtype F32"),
        Malformed("size that is not that of the dtype", dtype: #""F64""#, says: "ask for 16"),
    ]

    static let cover: [Malformed] = [
        Malformed("file that ends before the data", data: 7, says: "is cut short"),
        Malformed(
            "offsets far outside the file", dtype: #""U8""#, shape: "[9223372036854775807]",
            offsets: "[0,9223372036854775807]", says: "is cut short"),
        Malformed("bytes after the data", data: 9, says: "1 bytes follow the last tensor"),
        Malformed("bytes and no tensor", "{}", data: 1, says: "1 bytes follow the last tensor"),
        Malformed("hole before the first tensor", offsets: "[4,12]", data: 12, says: "a hole of 4 bytes"),
        Malformed(
            "hole between tensors",
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
                + #""b":{"dtype":"U8","shape":[4],"data_offsets":[6,10]}}"#, data: 10,
            says: #"a hole of 2 bytes lies before the tensor "b""#),
        Malformed(
            "overlap of a byte",
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[3,7]},"#
                + #""b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#, data: 7,
            says: #"the tensor "a" overlaps the one before it"#),
        Malformed(
            "two names for the same bytes",
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
                + #""b":{"dtype":"I8","shape":[4],"data_offsets":[0,4]}}"#, data: 4, says: "overlaps"),
        Malformed(
            "empty tensor inside another",
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
                + #""b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}}"#, data: 4, says: "overlaps"),
    ]

    @Test(arguments: lengths + json + entries + cover)
    func isRefusedWithASentenceThatNamesTheFileTheFaultAndTheMend(_ file: Malformed) throws {
        let message = try #require(try messageOfOpening(file.bytes), "opened")
        #expect(message.contains("file.safetensors\" is "))
        #expect(message.contains(file.says), "\(message)")
        #expect(message.contains("again"))
        #expect(message.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    }

    @Test func isNotWhatTheseLawfulOdditiesAre() throws {
        let lawful: [[UInt8]] = [
            safetensors("{}"),
            safetensors("{}      "),
            safetensors(#"{"__metadata__":{}}"#),
            safetensors(
                #"{ "a" : { "x" : [ null , {"y":-1.5e-3} , true,false ] ,"#
                    + #""dtype":"U8", "shape":[], "data_offsets":[0, 1]}}"#, data: 1),
            safetensors(#"{"":{"dtype":"F32","shape":[3,0],"data_offsets":[0,0]}}"#),
        ]
        for bytes in lawful { #expect(try messageOfOpening(bytes) == nil) }
    }

    @Test func namesInMessagesAreEscapedAndCut() throws {
        let name = "\\n\\u001b[31m" + String(repeating: "x", count: 1_000_000)
        let message = try #require(try messageOfOpening(safetensors(#"{"\#(name)":1}"#)))
        #expect(message.contains(#"the tensor "\n\u{1b}[31mxxx"#))
        #expect(message.count < 1_000)
    }

    @Test func stringsAreUnescaped() throws {
        let folder = try TemporaryFolder()
        let header = #"{"__metadata__":{"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00":"ü😀"}}"#
        let file = try SafetensorsFile(path: try folder.write(safetensors(header), to: "file.safetensors"))
        #expect(file.metadata == ["\"\\/\u{8}\u{c}\n\r\té😀": "ü😀"])
    }
}
