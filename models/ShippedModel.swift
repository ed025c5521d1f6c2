import Foundation

/// Where the model lies that comes with this package, for a program that was built with it.
package enum ShippedModel {
    /// The name that SwiftPM gives to the bundle of this target's resources.
    private static let bundle = "utter_ShippedModel"

    /// Folders that may hold it: the bundle beside the program or among its resources, and the folder of this file, as it was
    /// when the program was built. They need not exist.
    ///
    /// `Bundle.module` looks in the same places, and stops the program where the bundle is gone.
    package static var folders: [String] {
        let main = Bundle.main
        var places = [main.resourceURL, main.bundleURL, main.executableURL?.deletingLastPathComponent()]
        places.append(main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent())
        #if canImport(Darwin)
            // Tests of an app, its previews and its extensions have a main bundle that is not their own.
            let own = Bundle(for: Anchor.self)
            places += [own.resourceURL, own.bundleURL.deletingLastPathComponent()]
            let endings = [".bundle/Contents/Resources", ".bundle"]
        #else
            let endings = [".resources"]
        #endif
        var folders: [String] = []
        for place in places.compactMap({ $0?.path }) {
            folders += endings.map { "\(place)/\(bundle)\($0)" }.filter { !folders.contains($0) }
        }
        return folders + [(#filePath as NSString).deletingLastPathComponent]
    }

    #if canImport(Darwin)
        private final class Anchor {}
    #endif
}
