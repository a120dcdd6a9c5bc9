import Core

/// One row of a result. Columns are read by position or by name, each with the type the caller expects; another type,
/// an unexpected null or an unknown column throws an error of kind `type` that names them.
public struct Row: Sendable {
    public let columns: [String]
    public let values: [SQLValue]

    public init(columns: [String], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    public var count: Int { values.count }

    public func value(_ column: Int) throws(StorageError) -> SQLValue {
        guard column >= 0, column < values.count else {
            throw StorageError(.type, "column \(column) was asked for, the row has \(values.count)")
        }
        return values[column]
    }

    public func value(_ column: String) throws(StorageError) -> SQLValue {
        try value(position(of: column))
    }

    public func position(of column: String) throws(StorageError) -> Int {
        guard let position = columns.firstIndex(of: column) else {
            throw StorageError(
                .type, "there is no column '\(column)' in the row, only \(columns.joined(separator: ", "))")
        }
        return position
    }

    func mismatch(_ column: Int, _ wanted: String) -> StorageError {
        let name = column >= 0 && column < columns.count ? columns[column] : String(column)
        let found = column >= 0 && column < values.count ? values[column].typeName : "nothing"
        return StorageError(.type, "column '\(name)' holds \(found), \(wanted) was asked for")
    }
}
