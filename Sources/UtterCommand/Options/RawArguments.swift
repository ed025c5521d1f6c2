import Batch
import Files
import Foundation

/// Arguments as the shell gave them. Swift puts a replacement character where the bytes of an argument are no UTF-8, and
/// a file of such a name could not be found.
enum RawArguments {
    /// The paths that arguments stand for, in their order.
    static func paths(of arguments: [String]) -> [RawPath] {
        var damaged: [String: [RawPath]] = [:]
        let pointers = UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        for case let pointer? in pointers {
            let path = RawPath(bytes: UnsafeRawBufferPointer(start: pointer, count: strlen(pointer)))
            if !path.isText { damaged[String(cString: pointer), default: []].append(path) }
        }
        return arguments.map { argument in
            guard var same = damaged[argument], !same.isEmpty else { return RawPath(argument) }
            let path = same.removeFirst()
            damaged[argument] = same
            return path
        }
    }
}
