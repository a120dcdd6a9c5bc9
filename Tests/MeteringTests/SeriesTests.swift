import Core
import Testing

@testable import Metering

@Suite struct SeriesTests {
    @Test(arguments: [
        (
            "arn:aws:states:us-east-1:000000000000:execution:orders:run-1",
            "arn:aws:states:us-east-1:000000000000:stateMachine:orders"
        ),
        ("arn:aws:states:eu-west-1:1:express:orders:run-1:9f3c", "arn:aws:states:eu-west-1:1:stateMachine:orders"),
        ("arn:aws:states:eu-west-1:1:execution:ünï:x", "arn:aws:states:eu-west-1:1:stateMachine:ünï"),
        ("arn:aws:states:eu-west-1:1:mapRun:orders:x", "arn:aws:states:eu-west-1:1:mapRun:orders:x"),
        ("arn:aws:states:eu-west-1:1:execution:orders", "arn:aws:states:eu-west-1:1:execution:orders"),
        ("e-1", "e-1"), ("", ""), (":::::::", ":::::::"),
    ])
    func theWorkflowOfAnExecution(_ execution: String, _ workflow: String) {
        #expect(Series.workflow(ofExecution: execution) == workflow)
    }

    @Test(
        arguments: [
            (0, "1970-01-01", "1970-01", 31), (-1, "1969-12-31", "1969-12", 31),
            (86_399_999, "1970-01-01", "1970-01", 31),
            (1_709_164_800_000, "2024-02-29", "2024-02", 29), (1_780_272_000_000, "2026-06-01", "2026-06", 30),
        ] as [(Int64, String, String, Int)])
    func days(_ milliseconds: Int64, _ day: String, _ month: String, _ length: Int) {
        let time = Timestamp(milliseconds: milliseconds)
        #expect(Day(time).description == day)
        #expect(Day(time).month.description == month && Month(time).days == length)
        #expect(Month(time).next.firstDay.number == Month(time).firstDay.number + length)
    }
}
