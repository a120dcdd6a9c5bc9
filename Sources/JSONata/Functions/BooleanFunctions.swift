import Core

/// `$boolean`, `$not`, `$exists`
enum BooleanFunctions {
    @Sendable static func boolean(_ call: Call) throws(JSONataError) -> Value {
        call[0].isUndefined ? .undefined : Value(try Truth.isTrue(call[0]))
    }

    @Sendable static func not(_ call: Call) throws(JSONataError) -> Value {
        call[0].isUndefined ? .undefined : Value(try !Truth.isTrue(call[0]))
    }

    @Sendable static func exists(_ call: Call) throws(JSONataError) -> Value {
        Value(!call[0].isUndefined)
    }
}
