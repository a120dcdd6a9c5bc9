import ArgumentParser
import AWSModels
import Core
import Wire

struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "publish", abstract: "Publish a message to a topic.")

    @Argument(help: "Name or ARN of the topic.")
    var topic: String

    @Argument(help: "The message, or '-' to read it from standard input.")
    var message: String

    @Option(help: "The subject.")
    var subject: String?

    @Option(name: .customLong("attribute"), help: "An attribute as NAME=VALUE; may be repeated.")
    var attributes: [String] = []

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let text = message == "-" ? String(decoding: try Input.standardInput(), as: UTF8.self) : message
        let pairs = try attributes.map { try Self.pair($0) }
        let (topic, subject, output) = (topic, subject, connection.output)
        try await connection.withClient { client in
            let published = try await client.call(SNS.Operations.publish) { input in
                input.topicArn = ResourceNames.topic(topic, region: client.region)
                input.message = text
                input.subject = subject
                guard !pairs.isEmpty else { return }
                input.messageAttributes = Dictionary(
                    pairs.map { name, value in
                        (
                            name,
                            SNS.MessageAttributeValue {
                                $0.dataType = "String"; $0.stringValue = value
                            }
                        )
                    }, uniquingKeysWith: { $1 })
            }
            let id = published.messageId ?? ""
            output.json ? output.write(["messageId": .string(id)]) : output.write(id)
        }
    }

    private static func pair(_ text: String) throws -> (String, String) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw CommandFailure("'\(text)' is no attribute: write NAME=VALUE", exitCode: .usage)
        }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}
