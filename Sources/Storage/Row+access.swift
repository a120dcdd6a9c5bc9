import Core

// Typed access: every accessor exists by position and by name, and in a form that lets null through.

extension Row {

    /// UTF-8 text.
    public func text(_ column: Int) throws(StorageError) -> String {
        guard let value = try textOrNil(column) else { throw mismatch(column, "text") }
        return value
    }

    public func text(_ column: String) throws(StorageError) -> String { try text(position(of: column)) }

    public func textOrNil(_ column: Int) throws(StorageError) -> String? {
        switch try value(column) {
        case .null: return nil
        case .text(let text): return text
        default: throw mismatch(column, "text")
        }
    }

    public func textOrNil(_ column: String) throws(StorageError) -> String? { try textOrNil(position(of: column)) }

    /// A 64-bit integer.
    public func int64(_ column: Int) throws(StorageError) -> Int64 {
        guard let value = try int64OrNil(column) else { throw mismatch(column, "an integer") }
        return value
    }

    public func int64(_ column: String) throws(StorageError) -> Int64 { try int64(position(of: column)) }

    public func int64OrNil(_ column: Int) throws(StorageError) -> Int64? {
        switch try value(column) {
        case .null: return nil
        case .integer(let number): return number
        default: throw mismatch(column, "an integer")
        }
    }

    public func int64OrNil(_ column: String) throws(StorageError) -> Int64? { try int64OrNil(position(of: column)) }

    /// A machine integer.
    public func int(_ column: Int) throws(StorageError) -> Int {
        guard let value = try intOrNil(column) else { throw mismatch(column, "an integer") }
        return value
    }

    public func int(_ column: String) throws(StorageError) -> Int { try int(position(of: column)) }

    public func intOrNil(_ column: Int) throws(StorageError) -> Int? {
        switch try value(column) {
        case .null: return nil
        case .integer(let number): return Int(number)
        default: throw mismatch(column, "an integer")
        }
    }

    public func intOrNil(_ column: String) throws(StorageError) -> Int? { try intOrNil(position(of: column)) }

    /// A floating-point number; integers are converted.
    public func real(_ column: Int) throws(StorageError) -> Double {
        guard let value = try realOrNil(column) else { throw mismatch(column, "a number") }
        return value
    }

    public func real(_ column: String) throws(StorageError) -> Double { try real(position(of: column)) }

    public func realOrNil(_ column: Int) throws(StorageError) -> Double? {
        switch try value(column) {
        case .null: return nil
        case .real(let number): return number
        case .integer(let number): return Double(number)
        default: throw mismatch(column, "a number")
        }
    }

    public func realOrNil(_ column: String) throws(StorageError) -> Double? { try realOrNil(position(of: column)) }

    /// Bytes.
    public func blob(_ column: Int) throws(StorageError) -> [UInt8] {
        guard let value = try blobOrNil(column) else { throw mismatch(column, "a blob") }
        return value
    }

    public func blob(_ column: String) throws(StorageError) -> [UInt8] { try blob(position(of: column)) }

    public func blobOrNil(_ column: Int) throws(StorageError) -> [UInt8]? {
        switch try value(column) {
        case .null: return nil
        case .blob(let bytes): return bytes
        default: throw mismatch(column, "a blob")
        }
    }

    public func blobOrNil(_ column: String) throws(StorageError) -> [UInt8]? { try blobOrNil(position(of: column)) }

    /// A boolean, stored as 0 or 1.
    public func bool(_ column: Int) throws(StorageError) -> Bool {
        guard let value = try boolOrNil(column) else { throw mismatch(column, "0 or 1") }
        return value
    }

    public func bool(_ column: String) throws(StorageError) -> Bool { try bool(position(of: column)) }

    public func boolOrNil(_ column: Int) throws(StorageError) -> Bool? {
        switch try value(column) {
        case .null: return nil
        case .integer(0): return false
        case .integer(1): return true
        default: throw mismatch(column, "0 or 1")
        }
    }

    public func boolOrNil(_ column: String) throws(StorageError) -> Bool? { try boolOrNil(position(of: column)) }

    /// An instant, stored as epoch milliseconds.
    public func time(_ column: Int) throws(StorageError) -> Timestamp {
        guard let value = try timeOrNil(column) else { throw mismatch(column, "epoch milliseconds") }
        return value
    }

    public func time(_ column: String) throws(StorageError) -> Timestamp { try time(position(of: column)) }

    public func timeOrNil(_ column: Int) throws(StorageError) -> Timestamp? {
        switch try value(column) {
        case .null: return nil
        case .integer(let number): return Timestamp(milliseconds: number)
        default: throw mismatch(column, "epoch milliseconds")
        }
    }

    public func timeOrNil(_ column: String) throws(StorageError) -> Timestamp? { try timeOrNil(position(of: column)) }
}
