import Core
import JSONata
import Testing

/// What is known of an expression without evaluating it.
@Suite struct ReferenceTests {
    @Test func pathsBelowVariables() throws {
        let source = "$states.input.order.id & $states.context.Execution.Id & $states.result[0].x & $limit"
        let references = try JSONataExpression(source, dialect: .stepFunctions).references
        #expect(references.statesPaths == [["input", "order", "id"], ["context", "Execution", "Id"], ["result"]])
        #expect(references.variableNames == ["states", "limit"])
        #expect(references.variables.map(\.position) == [7, 32, 63, 84])
    }

    @Test func variablesThatTheExpressionBindsAreNotFree() throws {
        let source = "($a := 1; $f := function($b) { $a + $b + $c }; $f($d); orders@$o#$i.($o.x + $i))"
        #expect(try JSONataExpression(source).references.variableNames == ["c", "d"])
        #expect(try JSONataExpression("($a := 1; $a) + $a").references.variableNames == ["a"])
    }

    @Test func theInputIsSeenOnlyAtTheTop() throws {
        let fields = try JSONataExpression("$states.input.(a + b)[c > 1] + d.e").references
        #expect(fields.inputFields.map(\.name) == ["d"])
        #expect(fields.inputFields.map(\.path) == [["e"]])
        #expect(try JSONataExpression("$map($x, function($v) { $v.a })").references.inputFields.isEmpty)
        #expect(try JSONataExpression("$ & $x.($ & $$)").references.inputReferences.count == 1)
        #expect(try JSONataExpression("$ & $x.($ & $$)").references.rootReferences.count == 1)
    }

    @Test func functionsOfTheLibraryAreListed() throws {
        let references = try JSONataExpression("$sum([1]) + $count($eval('1'))").references
        #expect(references.functions == ["sum", "count", "eval"])
        let dialect = try JSONataExpression("$eval('1') & $uuid()", dialect: .stepFunctions).references
        #expect(dialect.functions == ["uuid"])
        #expect(dialect.variableNames == ["eval"])
    }
}
