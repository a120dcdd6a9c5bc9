import Core

/// A policy that a request is tried on.
struct SimulatedPolicy {
    /// By which answers name it.
    let id: String
    let statements: [Statement]

    struct Statement {
        let id: String
        let fields: JSONObject
        let start: StatementPlaces.Place
        let end: StatementPlaces.Place

        var isDenial: Bool { fields["Effect"]?.stringValue == "Deny" }

        var conditions: [PolicyCondition] {
            (fields["Condition"]?.objectValue ?? [:]).flatMap { name, keys in
                (keys.objectValue ?? [:]).map { key, values in PolicyCondition(name, key: key, values) }
            }
        }

        /// Whether the statement is about the request. A policy of a resource says whom it is about, too.
        func matches(_ request: SimulatedRequest, namesPrincipals: Bool) -> Bool {
            isAbout("Action") { PolicyWildcard.matchesAction(request.action, $0) }
                && isAbout("Resource", whenAbsent: namesPrincipals) { pattern in
                    request.filled(pattern).map { PolicyWildcard.matchesARN(request.resource, $0) } ?? false
                }
                && (!namesPrincipals || isAboutCaller(request.caller)) && conditions.allSatisfy { $0.holds(request) }
        }

        /// The field names it, or its negation does not.
        private func isAbout(_ field: String, whenAbsent: Bool = false, _ matches: (String) -> Bool) -> Bool {
            if let wanted = PolicyStatements.texts(fields[field]), !wanted.isEmpty {
                return wanted.contains(where: matches)
            }
            guard let unwanted = PolicyStatements.texts(fields["Not\(field)"]), !unwanted.isEmpty else {
                return whenAbsent
            }
            return !unwanted.contains(where: matches)
        }

        private func isAboutCaller(_ caller: String?) -> Bool {
            if let principal = fields["Principal"] { return Self.names(principal, caller) }
            return fields["NotPrincipal"].map { !Self.names($0, caller) } ?? false
        }

        /// An account's number and its root mean everybody in the account.
        private static func names(_ principal: JSON, _ caller: String?) -> Bool {
            if principal.stringValue == "*" { return true }
            let account = caller.flatMap(ARN.init)?.account
            return (PolicyStatements.texts(principal["AWS"]) ?? []).contains { name in
                name == "*" || name == caller
                    || account.map { name == $0 || name == "arn:aws:iam::\($0):root" } ?? false
            }
        }

        /// The keys that it asks for.
        var keys: [String] {
            conditions.map(\.key)
                + ["Resource", "NotResource"].flatMap { PolicyStatements.texts(fields[$0]) ?? [] }
                .flatMap(SimulatedRequest.variables)
        }
    }

    /// Nil when the text is not a policy.
    init?(_ id: String, _ text: String) {
        guard let json = try? JSON(parsing: text), let policy = PolicyStatements(json) else { return nil }
        let places = StatementPlaces(in: text).all
        guard places.count == policy.all.count else { return nil }
        self.id = id
        statements = zip(policy.all, places).map { fields, place in
            Statement(id: id, fields: fields, start: place.start, end: place.end)
        }
    }
}
