import StatesLanguage

extension StateType {
    var enteredEvent: HistoryEventType {
        switch self {
        case .task: .taskStateEntered
        case .wait: .waitStateEntered
        case .pass: .passStateEntered
        case .succeed: .succeedStateEntered
        case .fail: .failStateEntered
        case .choice: .choiceStateEntered
        case .parallel: .parallelStateEntered
        case .map: .mapStateEntered
        }
    }

    var exitedEvent: HistoryEventType? {
        switch self {
        case .task: .taskStateExited
        case .wait: .waitStateExited
        case .pass: .passStateExited
        case .succeed: .succeedStateExited
        case .fail: nil
        case .choice: .choiceStateExited
        case .parallel: .parallelStateExited
        case .map: .mapStateExited
        }
    }

    /// Of states that can be cut off while they wait.
    var abortedEvent: HistoryEventType? {
        switch self {
        case .task: .taskStateAborted
        case .wait: .waitStateAborted
        case .parallel: .parallelStateAborted
        case .map: .mapStateAborted
        case .pass, .succeed, .fail, .choice: nil
        }
    }
}

extension State {
    var retriers: [Retrier] {
        switch kind {
        case .task(let task): task.retriers
        case .parallel(let parallel): parallel.retriers
        case .map(let map): map.retriers
        default: []
        }
    }

    var catchers: [Catcher] {
        switch kind {
        case .task(let task): task.catchers
        case .parallel(let parallel): parallel.catchers
        case .map(let map): map.catchers
        default: []
        }
    }

    var resultSelector: Template? {
        switch kind {
        case .task(let task): task.resultSelector
        case .parallel(let parallel): parallel.resultSelector
        case .map(let map): map.resultSelector
        default: nil
        }
    }

    /// States without a result of their own hand their effective input on, so theirs counts as replaced.
    var resultPath: ResultPath {
        switch kind {
        case .task(let task): task.resultPath
        case .parallel(let parallel): parallel.resultPath
        case .map(let map): map.resultPath
        case .pass(let pass): pass.resultPath
        default: .replace
        }
    }

    /// Whether the state's result goes on as it is, without a look at any expression.
    var handsResultOn: Bool {
        guard output == nil, assign.isEmpty, resultSelector == nil, case .replace = resultPath else { return false }
        if case .whole = outputPath { return true }
        return queryLanguage == .jsonata
    }
}
