/// A service as its model describes it: names, protocols, shapes and operations.
public final class ServiceModel: @unchecked Sendable {
    public internal(set) var traits = ServiceTraits()
    public internal(set) var operations: [OperationSchema] = []
    /// In the order of the generated shapes.
    public internal(set) var shapes: [ShapeSchema] = []
    var shapesByName: [String: ShapeSchema] = [:]
    var operationsByName: [String: OperationSchema] = [:]
    var faultsByCode: [String: ShapeSchema] = [:]
    /// For the REST protocols.
    public internal(set) var routes: RouteTable?

    /// Reads the table that the generator wrote. A table that cannot be read is a defect of the build and stops it.
    public init(table: StaticString) {
        var reader = ModelTableReader(table)
        do {
            try reader.read(into: self)
        } catch {
            preconditionFailure("model table: \(error)")
        }
    }

    /// Reads a table from elsewhere, such as a test.
    public init(parsing table: String) throws(ModelTableError) {
        var table = table
        let result: Result<Void, ModelTableError> = table.withUTF8 { bytes in
            var reader = ModelTableReader(bytes)
            return Result { () throws(ModelTableError) in try reader.read(into: self) }
        }
        try result.get()
    }

    init() {}
}

extension ServiceModel {
    public func operation(named name: String) -> OperationSchema? { operationsByName[name] }

    public func shape(named name: String) -> ShapeSchema? { shapesByName[name] }

    /// The model's error of that code or shape name.
    public func fault(_ code: String) -> ShapeSchema? { faultsByCode[code] }
}
