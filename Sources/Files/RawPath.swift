import Foundation

/// A path as the system has it: bytes, which need be no text in UTF-8.
public struct RawPath: Hashable, Sendable, Comparable {
    /// Without a NUL.
    public let bytes: [UInt8]

    /// Takes bytes; what follows a NUL is cut off, as the system would.
    public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes.prefix { $0 != 0 }) }

    /// Takes a path that is text.
    public init(_ text: String) { self.init(bytes: text.utf8) }

    /// Takes what the system gives.
    package init(cString: UnsafePointer<CChar>) {
        bytes = Array(UnsafeRawBufferPointer(start: cString, count: strlen(cString)))
    }

    package static let slash = UInt8(ascii: "/")
    package static let dot = UInt8(ascii: ".")

    /// Whether the bytes are text in UTF-8.
    public var isText: Bool { String(validating: bytes, as: UTF8.self) != nil }

    /// The path for people and for JSON: bytes that are no UTF-8 stand as `\xE9`.
    public var text: String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var (text, place) = ("", 0)
        while place < bytes.count {
            let scalar = (1...4).lazy.compactMap { length in
                place + length <= bytes.count
                    ? String(validating: bytes[place..<place + length], as: UTF8.self) : nil
            }.first
            text += scalar ?? String(format: "\\x%02X", bytes[place])
            place += scalar?.utf8.count ?? 1
        }
        return text
    }

    /// The bytes as C has strings.
    package var cString: [CChar] { bytes.map(CChar.init(bitPattern:)) + [0] }

    /// What lies in this folder under a name.
    package func appending(_ name: RawPath) -> RawPath {
        if bytes.isEmpty { return name }
        return RawPath(bytes: bytes.last == Self.slash ? bytes + name.bytes : bytes + [Self.slash] + name.bytes)
    }

    /// With more at its end.
    package func appending(text: String) -> RawPath { RawPath(bytes: bytes + Array(text.utf8)) }

    /// The parts between slashes; none is empty, `.` or `..`.
    package var components: [ArraySlice<UInt8>] {
        bytes.split(separator: Self.slash).filter { !$0.elementsEqual([Self.dot]) && !$0.elementsEqual("..".utf8) }
    }

    /// A path without a beginning that leads out of a folder: no slash in front, no `.`, no `..`.
    package var inward: RawPath { RawPath(bytes: Array(components.joined(separator: [Self.slash]))) }

    /// The folder of the file; empty where the path has none.
    package var folder: RawPath {
        guard let slash = bytes.lastIndex(of: Self.slash) else { return RawPath("") }
        return RawPath(bytes: slash == 0 ? bytes[...0] : bytes[..<slash])
    }

    /// The last part.
    package var name: ArraySlice<UInt8> { bytes[(bytes.lastIndex(of: Self.slash).map { $0 + 1 } ?? 0)...] }

    /// Without the ending of its name, if it has one.
    package var withoutEnding: RawPath {
        guard let dot = name.lastIndex(of: Self.dot), dot > name.startIndex else { return self }
        return RawPath(bytes: bytes[..<dot])
    }

    /// The path from the root of the disk, if it is one from the working directory; without `.`, and `..` is followed as the
    /// disk has it, so that a recording has one such path however its folder was named. Links keep their names.
    package var absolute: RawPath {
        let here = RawPath(FileManager.default.currentDirectoryPath)
        let full = bytes.first == Self.slash ? self : here.appending(self)
        var parts = full.bytes.split(separator: Self.slash).filter { !$0.elementsEqual([Self.dot]) }
        var root: [UInt8] = []
        if let up = parts.lastIndex(where: { $0.elementsEqual("..".utf8) }) {
            // What lies above a link is not what its name says. Where the disk does not know either, the path stays.
            guard let resolved = realpath(Self.rooted(parts[...up]).cString, nil) else { return full }
            defer { free(resolved) }
            root = RawPath(cString: resolved).bytes
            parts.removeSubrange(...up)
            if root == [Self.slash] { root = [] }
        }
        return parts.isEmpty && !root.isEmpty ? RawPath(bytes: root) : RawPath(bytes: root + Self.rooted(parts).bytes)
    }

    private static func rooted(_ parts: some Sequence<ArraySlice<UInt8>>) -> RawPath {
        RawPath(bytes: [slash] + parts.joined(separator: [slash]))
    }

    /// What the disk says of the file that the path leads to; nil, with `errno`, where it says nothing.
    package var status: stat? {
        var status = stat()
        return stat(cString, &status) == 0 ? status : nil
    }

    /// Whether it leads to an ordinary file.
    package var isFile: Bool { status?.isFile ?? false }

    /// The first bytes of a file, at most so many; none where it is no ordinary file or cannot be read. (Reading from a pipe would
    /// take them from whoever reads the rest.)
    package func firstBytes(_ count: Int) -> [UInt8] {
        guard isFile else { return [] }
        let descriptor = open(cString, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, Descriptor.read(descriptor, into: UnsafeMutableRawBufferPointer(buffer)))
        }
    }

    /// Brings the names in this folder to the disk. A folder with which that cannot be done is no reason to fail.
    package func synchronise() {
        let descriptor = open((bytes.isEmpty ? RawPath(".") : self).cString, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// In the order of their bytes.
    public static func < (a: RawPath, b: RawPath) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
}
