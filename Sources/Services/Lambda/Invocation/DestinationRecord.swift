import Core
import Events
import Functions

/// The record of an asynchronous invocation that its destination receives.
struct DestinationRecord {
    var delivery: Delivery
    var outcome: DeliveryOutcome
    /// The function's ARN with its qualifier.
    var function: String
    var condition: String
    var time: Timestamp

    private var requestID: String { delivery.context["requestId"]?.stringValue ?? "" }

    /// The record as JSON; event and answer stand in it byte by byte.
    var bytes: [UInt8] {
        let wasInvoked = condition != AsyncInvocationEnding.zeroReservedConcurrency
        let context: JSON = [
            "requestId": .string(requestID), "functionArn": .string(function), "condition": .string(condition),
            "approximateInvokeCount": JSON(wasInvoked ? delivery.attempts + 1 : 0),
        ]
        var bytes = Array(#"{"version":"1.0","timestamp":"\#(time)","requestContext":"#.utf8)
        bytes += context.bytes()
        bytes += Array(#","requestPayload":"#.utf8) + Self.embedded(delivery.payload)
        if !outcome.responseContext.isEmpty {
            bytes += Array(#","responseContext":"#.utf8) + JSON.object(outcome.responseContext).bytes()
        }
        if let response = outcome.response {
            bytes += Array(#","responsePayload":"#.utf8) + Self.embedded(response)
        }
        return bytes + [UInt8(ascii: "}")]
    }

    /// JSON as it is, nothing as `null`, anything else as a string.
    private static func embedded(_ payload: [UInt8]) -> [UInt8] {
        if payload.isEmpty { return Array("null".utf8) }
        if (try? JSON(parsing: payload)) != nil { return payload }
        return JSON.string(String(decoding: payload, as: UTF8.self)).bytes()
    }

    /// The record in the form that the kind of destination takes.
    func delivery(to destination: String, succeeded: Bool, random: any RandomSource) -> NewDelivery {
        var new = NewDelivery(target: destination, kind: .destination, payload: bytes)
        switch ARN(destination)?.service {
        case "events":
            new.context = [
                "source": "lambda",
                "detailType": .string("Lambda Function Invocation Result - \(succeeded ? "Success" : "Failure")"),
                "resources": [.string(destination), .string(function)],
            ]
        case "s3": new.context = ["key": .string(objectKey(UUIDText.random(using: random)))]
        default: break
        }
        new.context["traceHeader"] = delivery.context["traceHeader"]
        return new
    }

    /// `aws/lambda/async/<function>/2026/11/22/2026-11-22T09.05.07-<uuid>`
    private func objectKey(_ unique: String) -> String {
        let name = ARN(function)?.resource.split(separator: ":").dropFirst().first ?? ""
        let instant = CivilTime(time).iso8601()
        let day = instant.prefix(10).split(separator: "-").joined(separator: "/")
        let second = String(instant.prefix(19).map { $0 == ":" ? "." : $0 })
        return "aws/lambda/async/\(name)/\(day)/\(second)-\(unique)"
    }
}
