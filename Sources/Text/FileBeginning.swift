/// Files that are no UTF-8 text, known by their first bytes.
package enum FileBeginning {
    /// What is wrong with a text file that begins so, and what to do; nil where nothing is known to be wrong.
    /// - Parameter bytes: the first bytes of the file, some hundred.
    package static func problem(_ bytes: some Collection<UInt8>) -> (reason: String, mend: String)? {
        let head = Array(bytes.prefix(512))
        if head.starts(with: [0xff, 0xfe]) || head.starts(with: [0xfe, 0xff]) || looksLikeUTF16(head) {
            return ("it is UTF-16 text", "save it as UTF-8, for example with iconv -f UTF-16 -t UTF-8")
        }
        let packed: [(mark: [UInt8], name: String, program: String)] = [
            (Array("BZh".utf8), "bzip2", "bunzip2"), ([0x28, 0xb5, 0x2f, 0xfd], "zstd", "unzstd"),
            (Array("PK\u{3}\u{4}".utf8), "zip", "unzip"), ([0x04, 0x22, 0x4d, 0x18], "lz4", "unlz4"),
            ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "7z", "7z x"),
        ]
        if let found = packed.first(where: { head.starts(with: $0.mark) }) {
            return ("it is \(found.name), which is not read", "expand it with \(found.program), or give gzip or xz")
        }
        return nil
    }

    /// Text in a Latin script as UTF-16 without a mark has a zero in every other byte.
    private static func looksLikeUTF16(_ head: [UInt8]) -> Bool {
        guard head.count >= 4 else { return false }
        let even = stride(from: 0, to: head.count, by: 2).count { head[$0] == 0 }
        let odd = stride(from: 1, to: head.count, by: 2).count { head[$0] == 0 }
        let half = head.count / 2
        return even == 0 && odd * 10 >= half * 9 || odd == 0 && even * 10 >= half * 9
    }
}
