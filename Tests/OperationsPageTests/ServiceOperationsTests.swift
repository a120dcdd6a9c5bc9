import Testing

@testable import OperationsPage

@Suite struct ServiceOperationsTests {
    private static let table = ##"""
        extension Box {
            static let modelTable: StaticString = #"""
                service box
                 title Amazon%20Box
                 endpointPrefix box
                 signingName box
                 apiVersion 1
                 protocols json-1.0
                operation GetURL POST / 200 - -
                operation Put POST / 200 - -
                operation Take POST / 200 - -
                unsupported Else POST / 200 - -
                """#
        }
        """##

    private static let requirements = """
        extension Box {
            public protocol API: Sendable {
                func getUrl(_ input: GetURLRequest, _ context: RequestContext) async throws(AWSError) -> Answer
                func put(_ input: Unit, _ context: RequestContext) async throws(AWSError)
                func take(_ input: TakeRequest, _ context: RequestContext) async throws(AWSError)
            }
        }
        """

    private static func operations(_ sources: String...) throws -> ServiceOperations {
        try ServiceOperations(
            name: "Box", table: table, requirements: requirements,
            sources: sources.map { "struct BoxProvider: Box.API {\n\($0)\n}" })
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var source: String
        var built: [String]
        var testDescription: String { source }
    }

    static let cases = [
        Case(
            source: "    public func getUrl(_ input: Box.GetURLRequest, _ context: RequestContext) async {",
            built: ["GetURL"]),
        Case(
            source: "    public func take(\n        _ input: Box.TakeRequest, _ context: RequestContext\n    ) async {",
            built: ["Take"]),
        Case(source: "    public func put(_ input: Unit, _ context: RequestContext) async {", built: ["Put"]),
        // Neither another input, another service's, a method that callers cannot reach nor a comment is the operation.
        Case(source: "    public func take(_ input: Box.PutRequest, _ context: RequestContext) async {", built: []),
        Case(source: "    public func take(_ input: Bag.TakeRequest, _ context: RequestContext) async {", built: []),
        Case(source: "    func take(_ input: Box.TakeRequest, _ context: RequestContext) async {", built: []),
        Case(source: "    // public func take(_ input: Box.TakeRequest, _ context: RequestContext) async {", built: []),
        Case(source: "    public func take(_ input: Box.TakeRequest) async {", built: []),
    ]

    @Test(arguments: cases) func whatIsBuilt(_ item: Case) throws {
        let operations = try Self.operations(item.source)
        #expect(operations.title == "Amazon Box")
        #expect(operations.built == item.built)
        #expect(Set(operations.missing) == Set(["GetURL", "Put", "Take", "Else"]).subtracting(item.built))
    }

    @Test func otherTypesDoNotCount() throws {
        let other = "struct Other {\n    public func put(_ input: Unit, _ context: RequestContext) async {\n}"
        #expect(ServiceOperations.methods(of: "Box", in: [other]).isEmpty)
    }

    @Test func aServiceNeedsAProvider() {
        #expect(throws: Problem.self) {
            try ServiceOperations(name: "Box", table: Self.table, requirements: Self.requirements, sources: [])
        }
    }

    @Test func whatANewerOperationAnswersIsServed() throws {
        let table = Self.table.replacing("Else POST / 200 - -", with: "Else POST / 200 - - as=Put")
        func page(_ source: String) throws -> String {
            PageText([
                try ServiceOperations(
                    name: "Box", table: table, requirements: Self.requirements,
                    sources: ["struct BoxProvider: Box.API {\n\(source)\n}"])
            ]).text
        }
        let served = try page("    public func put(_ input: Unit, _ context: RequestContext) async {")
        #expect(served.contains("| Amazon Box | 2 | 4 |"))
        #expect(
            served.contains(
                "\n`Else` is answered by `Put`: the requests look the same.\n\nNot built: `GetURL`, `Take`."))
        #expect(try page("").contains("Not built: `Else`, `GetURL`, `Put`, `Take`."))
    }

    @Test func thePageNamesEverything() throws {
        let operations = try Self.operations("    public func put(_ input: Unit, _ context: RequestContext) async {")
        let text = PageText([operations]).text
        #expect(text.contains("| Amazon Box | 1 | 4 |"))
        #expect(text.contains("\n## Amazon Box\n\nBuilt: `Put`.\n\nNot built: `Else`, `GetURL`, `Take`.\n"))
    }
}
