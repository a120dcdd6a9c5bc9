/// Runs its processor once for every item.
public struct MapState: Sendable {
    /// `ItemProcessor`, or `Iterator` in older definitions.
    public let processor: ItemProcessor
    public let items: ItemSource
    /// `ItemSelector`, or `Parameters` in older definitions: the input of an iteration; nil hands on the item itself.
    public let itemSelector: Template?
    /// `MaxConcurrency` or `MaxConcurrencyPath`; zero means no bound of the definition's own.
    public let maxConcurrency: FieldValue<Int64>?
    public let resultSelector: Template?
    public let resultPath: ResultPath
    public let retriers: [Retrier]
    public let catchers: [Catcher]
    /// `ToleratedFailureCount` or its path.
    public let toleratedFailureCount: FieldValue<Int64>?
    /// `ToleratedFailurePercentage` or its path; 0 to 100.
    public let toleratedFailurePercentage: FieldValue<Double>?
    /// `Label`: names the Map Run in its ARN; distributed only.
    public let label: String?
    public let itemBatcher: ItemBatcher?
    public let resultWriter: ResultWriter?
    /// Whether the iteration input template came from `Parameters`, beside which context differs for older definitions.
    public let isLegacy: Bool
}

/// The states that run for each item, and how they run.
public struct ItemProcessor: Sendable {
    public enum Mode: Sendable, Hashable {
        /// Inside the parent's own execution.
        case inline
        /// As child executions of the given type.
        case distributed(StateMachineType)
    }

    public let mode: Mode
    public let graph: StateGraph
}

/// Where a Map state takes its items from.
public enum ItemSource: Sendable {
    /// The whole effective input.
    case input(QueryLanguage)
    /// `ItemsPath`, JSONPath only.
    case path(JSONPath)
    /// `Items`, JSONata only: an array literal or an expression.
    case template(Template)
    /// `ItemReader`, distributed only. `ItemsPath` beside it selects within the data read.
    case reader(ItemReader, path: JSONPath?)
}

/// `ItemReader`: reads the items of a distributed Map from a bucket.
public struct ItemReader: Sendable {
    /// `arn:aws:states:::s3:getObject` or `:listObjectsV2`.
    public let resource: TaskResource
    /// `Parameters` or `Arguments`: `Bucket`, `Key`, `Prefix`, `VersionId`.
    public let arguments: Template?
    public let configuration: ReaderConfiguration
}

/// `ReaderConfig`.
public struct ReaderConfiguration: Sendable {
    public enum InputType: String, Sendable, Hashable, CaseIterable {
        case csv = "CSV"
        case json = "JSON"
        case jsonLines = "JSONL"
        case manifest = "MANIFEST"
        case parquet = "PARQUET"
    }

    public enum CSVHeaders: Sendable, Hashable {
        case firstRow
        case given([String])
    }

    public enum CSVDelimiter: String, Sendable, Hashable, CaseIterable {
        case comma = "COMMA"
        case pipe = "PIPE"
        case semicolon = "SEMICOLON"
        case space = "SPACE"
        case tab = "TAB"

        public var byte: UInt8 {
            switch self {
            case .comma: UInt8(ascii: ",")
            case .pipe: UInt8(ascii: "|")
            case .semicolon: UInt8(ascii: ";")
            case .space: UInt8(ascii: " ")
            case .tab: UInt8(ascii: "\t")
            }
        }
    }

    public enum ManifestType: String, Sendable, Hashable, CaseIterable {
        case athenaData = "ATHENA_DATA"
        case s3Inventory = "S3_INVENTORY"
    }

    public enum Transformation: String, Sendable, Hashable, CaseIterable {
        case none = "NONE"
        /// Lists the objects and reads each of them.
        case loadAndFlatten = "LOAD_AND_FLATTEN"
    }

    public var inputType: InputType?
    public var csvHeaders: CSVHeaders?
    public var csvDelimiter: CSVDelimiter = .comma
    /// `MaxItems` or `MaxItemsPath`, at most 100,000,000.
    public var maxItems: FieldValue<Int64>?
    /// `ItemsPointer`: a JSON pointer to the array within a JSON document.
    public var itemsPointer: String?
    public var manifestType: ManifestType?
    public var transformation: Transformation = .none
}

/// `ItemBatcher`: hands a child execution many items at once.
public struct ItemBatcher: Sendable {
    public let maxItemsPerBatch: FieldValue<Int64>?
    /// At most 262,144 bytes.
    public let maxInputBytesPerBatch: FieldValue<Int64>?
    /// `BatchInput`: merged into the input of every batch.
    public let batchInput: Template?
}

/// `ResultWriter`: writes the results of a distributed Map to a bucket.
public struct ResultWriter: Sendable {
    public enum Transformation: String, Sendable, Hashable, CaseIterable {
        case none = "NONE"
        case compact = "COMPACT"
        case flatten = "FLATTEN"
    }

    public enum OutputType: String, Sendable, Hashable, CaseIterable {
        case json = "JSON"
        case jsonLines = "JSONL"
    }

    /// `arn:aws:states:::s3:putObject`; nil only transforms the results.
    public let resource: TaskResource?
    /// `Parameters` or `Arguments`: `Bucket` and `Prefix`.
    public let arguments: Template?
    public let transformation: Transformation
    public let outputType: OutputType
}
