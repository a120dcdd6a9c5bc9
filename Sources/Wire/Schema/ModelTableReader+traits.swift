extension ModelTableReader {
    func apply(_ trait: String, to shape: ShapeSchema) throws(ModelTableError) {
        let (key, value) = Self.split(trait)
        switch key {
        case "length", "range":
            let bounds = value.split(separator: ",", omittingEmptySubsequences: false)
            guard bounds.count == 2 else { throw failure("expected 'MIN,MAX' in '\(trait)'") }
            constrain(shape) { constraints in
                constraints.minimum = Double(String(bounds[0]))
                constraints.maximum = Double(String(bounds[1]))
            }
        case "pattern": constrain(shape) { $0.pattern = ConstraintPattern(value) }
        case "enum":
            constrain(shape) { $0.enumeration = value.split(separator: "|").map { Self.unescape(String($0)) } }
        case "flattened": shape.isFlattened = true
        case "payload":
            guard let index = Int(value) else { throw failure("expected the index of a member in '\(trait)'") }
            shape.payload = index
        case "timestamp": shape.timestampFormat = try timestampFormat(value)
        case "xmlName": shape.xmlName = value
        case "xmlNamespace": shape.xmlNamespace = XMLNamespace(uri: value, prefix: nil)
        case "xmlPrefix": shape.xmlNamespace?.prefix = value
        case "contentType": shape.contentType = value
        case "eventStream": shape.isEventStream = true
        case "streaming": shape.isStreaming = true
        case "sensitive": shape.isSensitive = true
        case "objectionToLength": shape.objectionToLength = Self.unescape(value)
        case "fault": shape.fault = try fault(value, of: shape)
        default: throw failure("unknown trait '\(trait)'")
        }
    }

    private func constrain(_ shape: ShapeSchema, _ change: (inout Constraints) -> Void) {
        var constraints = shape.constraints ?? Constraints()
        change(&constraints)
        shape.constraints = constraints
    }

    /// `CODE,STATUS,sender` or `CODE,STATUS,server`
    private func fault(_ value: String, of shape: ShapeSchema) throws(ModelTableError) -> FaultTrait {
        let parts = value.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 3, let status = Int(parts[1]) else {
            throw failure("expected 'CODE,STATUS,sender|server' in 'fault=\(value)'")
        }
        return FaultTrait(code: String(parts[0]), status: status, isSender: parts[2] == "sender")
    }

    func apply(_ trait: String, to member: MemberSchema, of owner: ShapeSchema) throws(ModelTableError) {
        let (key, value) = Self.split(trait)
        switch key {
        case "required": member.isRequired = true
        case "name": rename(member, value)
        case "header": place(member, .header, value)
        case "headers": place(member, .prefixHeaders, value)
        case "label": place(member, .label, value)
        case "query": place(member, .query, value)
        case "status": place(member, .statusCode, member.name)
        case "flattened": member.isFlattened = true
        case "timestamp": member.timestampFormat = try timestampFormat(value)
        case "attribute": member.isXMLAttribute = true
        case "text": member.isXMLText = true
        case "queryName": member.queryName = value
        case "xmlNamespace": member.xmlNamespace = XMLNamespace(uri: value, prefix: nil)
        case "xmlPrefix": member.xmlNamespace?.prefix = value
        case "streaming": member.isStreaming = true
        case "eventPayload": member.isEventPayload = true
        case "eventHeader": member.isEventHeader = true
        case "token": member.isIdempotencyToken = true
        default: throw failure("unknown trait '\(trait)' of the member '\(owner.name).\(member.name)'")
        }
    }

    private func rename(_ member: MemberSchema, _ name: String) {
        member.wireName = name
        member.isRenamed = true
    }

    private func place(_ member: MemberSchema, _ location: MemberSchema.Location, _ name: String) {
        member.location = location
        rename(member, name)
    }

    private func timestampFormat(_ value: String) throws(ModelTableError) -> TimestampFormat {
        switch value {
        case "unixTimestamp": .epochSeconds
        case "iso8601": .iso8601
        case "rfc822": .httpDate
        default: throw failure("unknown format of times '\(value)'")
        }
    }
}

/// Finds the shapes below which nothing needs to be validated, so that whole branches are skipped.
enum ConstraintReach {
    static func mark(_ shapes: [ShapeSchema]) {
        var changed = true
        for shape in shapes {
            shape.isConstrained = shape.constraints != nil || shape.members.contains(where: \.isRequired)
        }
        while changed {
            changed = false
            for shape in shapes where !shape.isConstrained && shape.members.contains(where: \.target.isConstrained) {
                shape.isConstrained = true
                changed = true
            }
        }
    }
}
