import Core

/// The build of a runtime in the form in which Lambda names one. Here each runtime has one build.
public struct RuntimeVersion: Hashable, Sendable {
    /// Such as `python:3.13.v10`
    public var name: String
    public var arn: String

    public init(runtime: String, region: String) {
        arn = "arn:aws:lambda:\(region)::runtime:\(hexadecimal(Digest.sha256(Array(runtime.utf8))))"
        let family = runtime.prefix { !$0.isNumber && $0 != "." }
        let release = runtime.dropFirst(family.count).split(separator: ".").filter { $0 != "x" }.joined(separator: ".")
        name = release.isEmpty ? "\(family):v10" : "\(family):\(release).v10"
    }
}
