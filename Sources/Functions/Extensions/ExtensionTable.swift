import Core

/// The extensions of one instance: what they registered for and what they have not been told yet.
struct ExtensionTable {
    enum Event: String, Hashable, Sendable {
        case invoke = "INVOKE"
        case shutdown = "SHUTDOWN"
    }

    struct Entry {
        var name: String
        var events: Set<Event>
        /// Started by the host from a layer's `extensions` folder, not by the runtime itself.
        var isExternal: Bool
        /// It has asked for its first event: its own start is over.
        var isReady = false
        /// It was told of an invocation and has not asked for what comes next.
        var isWorking = false
        var waiting: RuntimeAPIConnection?
        /// Events it has not asked for yet, oldest first.
        var pending: [String] = []
    }

    /// Lambda's limit.
    static let limit = 10
    static let pendingLimit = 64

    var entries: [String: Entry] = [:]
    /// Started from layers and not yet registered.
    var expected: Set<String> = []
    /// By the paths of their programs.
    var processes: [String: ChildProcess] = [:]
    /// The instance was told to end, and its extensions with it: what they still do is waited for.
    var areAwaited = false

    /// Whether the start of the instance need not wait for extensions any longer.
    var areReady: Bool { expected.isEmpty && entries.values.allSatisfy(\.isReady) }

    /// Whether all of them are done with the last invocation.
    var areIdle: Bool { !entries.values.contains(where: \.isWorking) }

    /// Processes that did not ask to be told of the shutdown.
    var unannounced: [ChildProcess] {
        let announced = Set(entries.values.filter { $0.events.contains(.shutdown) }.map(\.name))
        return processes.filter { !announced.contains(FilePath.name(of: $0.key)) }.map(\.value)
    }

    /// Gives an event to an extension that waits, or keeps it until it asks.
    mutating func send(_ body: String, to identifier: String) {
        guard let entry = entries[identifier] else { return }
        if let waiting = entry.waiting {
            entries[identifier]?.waiting = nil
            waiting.answerLater(Self.reply(body, identifier))
        } else if entry.pending.count < Self.pendingLimit {
            entries[identifier]?.pending.append(body)
        }
    }

    static func reply(_ body: String, _ identifier: String) -> RuntimeAPIReply {
        RuntimeAPIReply(
            status: 200, body: body, fields: [("Lambda-Extension-Identifier", identifier)])
    }
}

/// The errors of the Extensions API, in Lambda's words.
enum ExtensionReply {
    static func refusal(_ type: String, _ message: String) -> RuntimeAPIReply {
        .error(403, type: "Extension.\(type)", message: message)
    }

    static let missingIdentifier = refusal("MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header")
    static let missingName = refusal("InvalidExtensionName", "Empty extension name")
    static let registrationClosed = refusal("RegistrationClosed", "Extension registration closed already")
    static let tooMany = refusal("TooManyExtensions", "Extension limit (\(ExtensionTable.limit)) reached")
    static let missingErrorType = refusal(
        "MissingHeader", "Missing Lambda-Extension-Function-Error-Type header")
}
