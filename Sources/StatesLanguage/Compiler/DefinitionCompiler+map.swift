import Core

extension DefinitionCompiler {
    mutating func compileMap(_ object: JSONObject, _ transitions: inout TransitionTable) -> MapState? {
        let retriers = compileRetry(in: object)
        let catchers = compileCatch(in: object, &transitions)
        let resultPath = compileResultPath(in: object)
        let resultSelector = language == .jsonPath ? compileTemplate("ResultSelector", in: object) : nil
        let selector = compileSelector(in: object)
        let concurrency = compileCount("MaxConcurrency", in: object)
        let failures = compileCount("ToleratedFailureCount", in: object)
        let percentage = compilePercentage(in: object)
        let label = string("Label", in: object)
        if let label { within(.member("Label")) { $0.checkLabel(label) } }
        let isDistributed = isDistributed(object)
        if !isDistributed { reportDistributedFields(object) }
        let items = compileItems(in: object)
        let batcher = compileBatcher(in: object)
        let writer = compileWriter(in: object)
        guard let processor = compileProcessor(in: object), let items else { return nil }
        return MapState(
            processor: processor, items: items, itemSelector: selector, maxConcurrency: concurrency,
            resultSelector: resultSelector, resultPath: resultPath, retriers: retriers, catchers: catchers,
            toleratedFailureCount: failures, toleratedFailurePercentage: percentage, label: label,
            itemBatcher: batcher, resultWriter: writer, isLegacy: object["ItemProcessor"] == nil)
    }

    private mutating func compileSelector(in object: JSONObject) -> Template? {
        guard language == .jsonPath else { return compileTemplate("ItemSelector", in: object) }
        return one(of: ["ItemSelector", "Parameters"], in: object).flatMap { compileTemplate($0, in: object) }
    }

    private func isDistributed(_ object: JSONObject) -> Bool {
        (object["ItemProcessor"] ?? object["Iterator"])?["ProcessorConfig"]?["Mode"]?.stringValue == "DISTRIBUTED"
    }

    private mutating func reportDistributedFields(_ object: JSONObject) {
        for name in ["ItemReader", "ItemBatcher", "ResultWriter", "Label"] where object[name] != nil {
            report("Field '\(name)' is only supported for a Map state whose ProcessorConfig has the Mode 'DISTRIBUTED'")
        }
    }

    // MARK: Numbers

    /// A count, or its path.
    private mutating func compileCount(
        _ name: String, in object: JSONObject, _ range: ClosedRange<Int64> = 0...Int64.max
    ) -> FieldValue<Int64>? {
        let which = one(of: [name, name + "Path"], in: object)
        if which == name { return compileInteger(name, in: object, range) }
        guard which != nil, language == .jsonPath else { return nil }
        return compileFieldPath(name + "Path", in: object).map(FieldValue.path)
    }

    private mutating func compilePercentage(in object: JSONObject) -> FieldValue<Double>? {
        let name = "ToleratedFailurePercentage"
        let which = one(of: [name, name + "Path"], in: object)
        if which == name { return compileNumber(name, in: object, 0...100) }
        guard which != nil, language == .jsonPath else { return nil }
        return compileFieldPath(name + "Path", in: object).map(FieldValue.path)
    }

    // MARK: Processor

    private mutating func compileProcessor(in object: JSONObject) -> ItemProcessor? {
        guard let name = one(of: ["ItemProcessor", "Iterator"], in: object) else {
            report("These fields are required: [ItemProcessor]")
            return nil
        }
        guard let processor = self.object(name, in: object) else { return nil }
        return within(.member(name)) { compiler in
            compiler.checkFields(of: processor, allowed: .processor)
            _ = compiler.string("Comment", in: processor)
            let mode = compiler.compileMode(in: processor)
            let outer = compiler.isExpress
            if case .distributed(let type) = mode { compiler.isExpress = type == .express }
            defer { compiler.isExpress = outer }
            return compiler.compileGraph(processor).map { ItemProcessor(mode: mode, graph: $0) }
        }
    }

    private enum ModeName: String, CaseIterable { case inline = "INLINE", distributed = "DISTRIBUTED" }
    private enum ExecutionType: String, CaseIterable { case standard = "STANDARD", express = "EXPRESS" }

    private mutating func compileMode(in processor: JSONObject) -> ItemProcessor.Mode {
        guard let configuration = object("ProcessorConfig", in: processor) else { return .inline }
        return within(.member("ProcessorConfig")) { compiler in
            compiler.checkFields(of: configuration, allowed: .processorConfiguration)
            let mode: ModeName? = compiler.choice("Mode", in: configuration)
            let type: ExecutionType? = compiler.choice("ExecutionType", in: configuration)
            guard mode == .distributed else { return .inline }
            compiler.require(["ExecutionType"], in: configuration)
            if compiler.isExpress {
                compiler.report("Express state machine does not support Map state in 'DISTRIBUTED' mode", at: "Mode")
            }
            return .distributed(type == .express ? .express : .standard)
        }
    }

    // MARK: Items

    private mutating func compileItems(in object: JSONObject) -> ItemSource? {
        let path = language == .jsonPath ? compileItemsPath(in: object) : nil
        if object["ItemReader"] != nil { return compileReader(in: object).map { .reader($0, path: path) } }
        if let path { return .path(path) }
        guard language == .jsonata, let items = object["Items"] else { return .input(language) }
        let isText = items.stringValue.map(Self.isExpression) ?? false
        guard isText || items.arrayValue != nil else {
            report("Expected value of type Array or a JSONata expression", at: "Items")
            return nil
        }
        return compileTemplate("Items", in: object).map(ItemSource.template)
    }

    private mutating func compileItemsPath(in object: JSONObject) -> JSONPath? {
        guard let text = string("ItemsPath", in: object), !isPlaceholder(text) else { return nil }
        return compileReferencePath(text, named: "ItemsPath", allowsContext: true)
    }

    private mutating func compileReader(in object: JSONObject) -> ItemReader? {
        guard let reader = self.object("ItemReader", in: object) else { return nil }
        return withinField(.member("ItemReader")) { compiler in
            compiler.checkFields(of: reader, allowed: .itemReader)
            compiler.require(["Resource"], in: reader)
            let resource = compiler.compileS3Resource(in: reader, actions: ["getObject", "listObjectsV2"])
            let arguments = compiler.compileArguments(in: reader)
            let configuration = compiler.compileReaderConfiguration(in: reader)
            return resource.map { ItemReader(resource: $0, arguments: arguments, configuration: configuration) }
        }
    }

    /// Readers and writers work on buckets only.
    private mutating func compileS3Resource(in object: JSONObject, actions: [String]) -> TaskResource? {
        guard let text = string("Resource", in: object), let resource = compileResource(text) else { return nil }
        guard case .optimized(let integration) = resource.kind, integration.service == "s3" else {
            if isPlaceholder(text) { return resource }
            report("The resource provided \(text) is not supported here", at: "Resource", code: .invalidResource)
            return nil
        }
        guard actions.contains(integration.action) else {
            report("The resource provided \(text) is not supported here", at: "Resource", code: .invalidResource)
            return nil
        }
        return resource
    }

    private mutating func compileReaderConfiguration(in reader: JSONObject) -> ReaderConfiguration {
        var configuration = ReaderConfiguration()
        guard let object = object("ReaderConfig", in: reader) else { return configuration }
        return withinField(.member("ReaderConfig")) { compiler in
            compiler.checkFields(of: object, allowed: .readerConfiguration)
            configuration.inputType = compiler.choice("InputType", in: object)
            configuration.csvDelimiter = compiler.choice("CSVDelimiter", in: object) ?? .comma
            configuration.manifestType = compiler.choice("ManifestType", in: object)
            configuration.transformation = compiler.choice("Transformation", in: object) ?? .none
            configuration.itemsPointer = compiler.compilePointer(in: object)
            configuration.maxItems = compiler.compileCount("MaxItems", in: object, 0...100_000_000)
            configuration.csvHeaders = compiler.compileHeaders(in: object)
            return configuration
        }
    }

    private mutating func compilePointer(in object: JSONObject) -> String? {
        guard let pointer = string("ItemsPointer", in: object) else { return nil }
        if !pointer.isEmpty, pointer.utf8.first != UInt8(ascii: "/"), !isPlaceholder(pointer) {
            report("Value is not a JSON Pointer: it must start with '/'", at: "ItemsPointer")
        }
        return pointer
    }

    private enum HeaderLocation: String, CaseIterable { case firstRow = "FIRST_ROW", given = "GIVEN" }

    private mutating func compileHeaders(in object: JSONObject) -> ReaderConfiguration.CSVHeaders? {
        let location: HeaderLocation? = choice("CSVHeaderLocation", in: object)
        let names = array("CSVHeaders", in: object)
        if let names, names.contains(where: { $0.stringValue == nil }) {
            report("Expected value of type String", at: "CSVHeaders")
        }
        switch location {
        case .given:
            require(["CSVHeaders"], in: object)
            return .given(names?.compactMap(\.stringValue) ?? [])
        case .firstRow: return .firstRow
        case nil: return nil
        }
    }

    // MARK: Batches and results

    private mutating func compileBatcher(in object: JSONObject) -> ItemBatcher? {
        guard let batcher = self.object("ItemBatcher", in: object) else { return nil }
        return withinField(.member("ItemBatcher")) { compiler in
            compiler.checkFields(of: batcher, allowed: .itemBatcher)
            return ItemBatcher(
                maxItemsPerBatch: compiler.compileCount("MaxItemsPerBatch", in: batcher),
                maxInputBytesPerBatch: compiler.compileCount("MaxInputBytesPerBatch", in: batcher, 0...262_144),
                batchInput: compiler.compileTemplate("BatchInput", in: batcher))
        }
    }

    private mutating func compileWriter(in object: JSONObject) -> ResultWriter? {
        guard let writer = self.object("ResultWriter", in: object) else { return nil }
        return withinField(.member("ResultWriter")) { compiler in
            compiler.checkFields(of: writer, allowed: .resultWriter)
            // It writes to a bucket, or transforms, or both.
            if writer["WriterConfig"] == nil || writer["Resource"] != nil {
                compiler.require(["Resource", compiler.language == .jsonata ? "Arguments" : "Parameters"], in: writer)
            }
            let resource = compiler.compileS3Resource(in: writer, actions: ["putObject"])
            let arguments = compiler.compileArguments(in: writer)
            let configuration = compiler.object("WriterConfig", in: writer) ?? JSONObject()
            return compiler.withinField(.member("WriterConfig")) {
                $0.checkFields(of: configuration, allowed: .writerConfiguration)
                return ResultWriter(
                    resource: resource, arguments: arguments,
                    transformation: $0.choice("Transformation", in: configuration) ?? .none,
                    outputType: $0.choice("OutputType", in: configuration) ?? .json)
            }
        }
    }
}
