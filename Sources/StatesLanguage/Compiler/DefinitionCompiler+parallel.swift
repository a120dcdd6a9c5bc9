import Core

extension DefinitionCompiler {
    mutating func compileParallel(_ object: JSONObject, _ transitions: inout TransitionTable) -> ParallelState? {
        let arguments = compileArguments(in: object)
        let selector = language == .jsonPath ? compileTemplate("ResultSelector", in: object) : nil
        let resultPath = compileResultPath(in: object)
        let retriers = compileRetry(in: object)
        let catchers = compileCatch(in: object, &transitions)
        require(["Branches"], in: object)
        guard let values = array("Branches", in: object) else { return nil }
        if values.isEmpty { report("Value cannot be empty", at: "Branches") }
        let branches = within(.member("Branches")) { compiler in
            values.enumerated().map { index, value in compiler.within(.index(index)) { $0.compileBranch(value) } }
        }
        guard branches.allSatisfy({ $0 != nil }) else { return nil }
        return ParallelState(
            branches: branches.compactMap { $0 }, arguments: arguments, resultSelector: selector,
            resultPath: resultPath, retriers: retriers, catchers: catchers)
    }

    private mutating func compileBranch(_ value: JSON) -> StateGraph? {
        guard case .object(let object) = value else {
            report("Expected value of type Object")
            return nil
        }
        checkFields(of: object, allowed: .branch)
        _ = string("Comment", in: object)
        return compileGraph(object)
    }
}
