import Core

/// The seam to the JSONata module.
struct CompiledJSONata: Sendable {
    /// The names of the variables that the expression reads without defining them.
    let freeVariables: [String]
}
