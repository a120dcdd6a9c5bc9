import Core
import StatesLanguage

/// Makes the inputs of a map run's children: selects, and batches.
struct ChildInputs: Sendable {
    let request: MapRunRequest
    let collection: ItemCollection
    /// Items of each child, by position.
    let batches: [Range<Int>]
    /// Of batched runs: what every batch gets besides its items.
    let batchInput: JSON?
    private let now: Timestamp

    init(_ request: MapRunRequest, _ collection: ItemCollection, now: Timestamp) throws(TaskFailure) {
        self.request = request
        self.collection = collection
        self.now = now
        guard let batcher = request.map.itemBatcher else {
            batchInput = nil
            batches = collection.items.indices.map { $0..<$0 + 1 }
            return
        }
        var evaluator = SelectorEvaluation(request, now: now)
        batchInput = try batcher.batchInput.map { template throws(TaskFailure) in
            try evaluator.evaluate(template, item: nil)
        }
        batches = try Self.batches(request, collection, &evaluator, batchInput)
    }

    private static func batches(
        _ request: MapRunRequest, _ collection: ItemCollection, _ evaluator: inout SelectorEvaluation,
        _ batchInput: JSON?
    ) throws(TaskFailure) -> [Range<Int>] {
        let countLimit = request.maxItemsPerBatch.map { Int(clamping: max(1, $0)) } ?? .max
        let byteLimit = Int(clamping: max(1, min(request.maxInputBytesPerBatch ?? 262_144, 262_144)))
        let frame = (batchInput?.bytes().count ?? 0) + 30
        var batches: [Range<Int>] = []
        var start = 0
        var size = frame
        for index in collection.items.indices {
            let value = try evaluator.select(collection, index)
            let bytes = value.bytes().count + 1
            if index > start, index - start >= countLimit || size + bytes > byteLimit {
                batches.append(start..<index)
                start = index
                size = frame
            }
            size += bytes
        }
        if start < collection.items.count { batches.append(start..<collection.items.count) }
        return batches
    }

    var count: Int { batches.count }

    func input(_ child: Int) throws(TaskFailure) -> JSON {
        var evaluator = SelectorEvaluation(request, now: now)
        guard request.map.itemBatcher != nil else { return try evaluator.select(collection, child) }
        var items: [JSON] = []
        for index in batches[child] { items.append(try evaluator.select(collection, index)) }
        var input: JSONObject = [:]
        if let batchInput { input["BatchInput"] = batchInput }
        input["Items"] = .array(items)
        return .object(input)
    }
}

/// Evaluates item selectors and batch inputs in the scope of the Map state.
private struct SelectorEvaluation {
    private let request: MapRunRequest
    private var scope: EvaluationScope

    init(_ request: MapRunRequest, now: Timestamp) {
        self.request = request
        let input = request.scope.queryLanguage == .jsonata ? request.scope.rawInput : request.scope.input
        scope = EvaluationScope(
            input: input, context: ContextObject(request.scope.context), variables: request.scope.variables,
            now: now, random: SeededRandom(seed: UInt64(bitPattern: Int64(request.execution.key))))
    }

    mutating func select(_ collection: ItemCollection, _ index: Int) throws(TaskFailure) -> JSON {
        let item = collection.items[index]
        guard let selector = request.map.itemSelector else { return item.value }
        let context = ItemContext(
            index: Int64(index), value: item.value, key: item.key, source: collection.source)
        return try evaluate(selector, item: context)
    }

    mutating func evaluate(_ template: Template, item: ItemContext?) throws(TaskFailure) -> JSON {
        var context = request.scope.context
        if let item { context["Map"] = item.json }
        scope.context = ContextObject(context)
        do throws(EvaluationFailure) {
            return try scope.evaluate(template)
        } catch {
            throw TaskFailure(error: error.error, cause: error.reason)
        }
    }
}
