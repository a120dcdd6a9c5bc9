/// Functions that the tests' projects are made of.
enum Samples {
    /// Appends what `expression` makes of the event in `$event` to the file of effects; answers with `answer`.
    static func script(append expression: String, answer: String = "null") -> String {
        """
        #!/bin/sh
        IFS= read -r event
        \(field)
        echo "\(expression)" >> "$EFFECTS"
        echo '\(answer)'
        """
    }

    /// `field NAME` is the text of the first member of that name in `$event`, without a process of its own.
    static let field = """
        field() {
            rest=${event#*\\"$1\\":\\"}
            [ "$rest" = "$event" ] || printf '%s' "${rest%%\\"*}"
        }
        """

    static func manifest(_ handler: String = "run.sh", timeout: Int = 10, events: String = "") -> String {
        """
        Runtime: exec
        Handler: \(handler)
        Timeout: \(timeout)
        Environment:
          Variables:
            EFFECTS: ${EFFECTS}
        \(events)
        """
    }

    /// The files of a function that is a shell script.
    static func function(
        _ name: String, _ script: String, timeout: Int = 10, events: String = ""
    ) -> [String: String] {
        [
            "functions/\(name)/function.yaml": manifest(timeout: timeout, events: events),
            "functions/\(name)/run.sh": script,
        ]
    }
}

extension [String: String] {
    static func + (left: Self, right: Self) -> Self { left.merging(right) { $1 } }
}
