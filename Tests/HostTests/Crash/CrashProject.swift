/// What runs while the host is killed: a workflow whose steps append to a file, and a queued webhook whose function does.
enum CrashProject {
    /// Appends `execution step` and answers with a number that follows from its input.
    private static let step = """
        #!/bin/sh
        IFS= read -r event
        \(Samples.field)
        n=${event#*'"n":'}
        n=${n%%[!0-9]*}
        echo "$(field execution) $(field step)" >> "$EFFECTS"
        echo "{\\"n\\":$((n * 3 + 1))}"
        """

    private static func task(_ step: String, next: String?) -> String {
        """
        {"Type":"Task","Resource":"${step.Arn}","TimeoutSeconds":600,
         "Parameters":{"execution.$":"$$.Execution.Name","step":"\(step)","n.$":"$.n"},
         \(next.map { "\"Next\":\"\($0)\"" } ?? "\"End\":true")}
        """
    }

    /// A task, a choice, two branches at a time, a task for what they gave, an end.
    private static let workflow = """
        {"StartAt":"first","States":{
          "first":\(task("first", next: "odd or even")),
          "odd or even":{"Type":"Choice","Default":"pause",
            "Choices":[{"Variable":"$.n","NumericGreaterThan":14,"Next":"both"}]},
          "pause":{"Type":"Wait","Seconds":1,"Next":"both"},
          "both":{"Type":"Parallel","ResultPath":"$.both","Next":"last","Branches":[
            {"StartAt":"left","States":{"left":\(task("left", next: nil))}},
            {"StartAt":"right","States":{"right":\(task("right", next: nil))}}]},
          "last":\(task("last", next: "sum")),
          "sum":{"Type":"Pass","Parameters":{"total.$":"States.MathAdd($.n, 1)"},"End":true}}}
        """

    static let steps = ["first", "left", "right", "last"]

    static let files =
        Samples.function("step", step, timeout: 60)
        + Samples.function(
            "note", Samples.script(append: "delivered $(field event)"), timeout: 60,
            events: "Events: {Hook: {Type: HttpApi, Properties: {Path: '/events/{event}', Method: POST, Mode: Queued}}}"
        )
        + ["workflows/chain.asl.json": workflow]
}
