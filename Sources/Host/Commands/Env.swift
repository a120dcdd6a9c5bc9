import ArgumentParser
import Core

struct Env: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env", abstract: "Print the variables that point AWS's tools at the host.",
        discussion: "Use it as: eval \"$(millrace env)\"")

    @OptionGroup var connection: ConnectionOptions

    func run() {
        var variables = [
            ("AWS_ENDPOINT_URL", connection.address),
            ("AWS_ACCESS_KEY_ID", ConnectionOptions.environment("AWS_ACCESS_KEY_ID") ?? "000000000000"),
            ("AWS_SECRET_ACCESS_KEY", ConnectionOptions.environment("AWS_SECRET_ACCESS_KEY") ?? "millrace"),
            ("AWS_REGION", connection.region ?? ConnectionOptions.environment("AWS_REGION") ?? "us-east-1"),
            ("AWS_DEFAULT_REGION", connection.region ?? ConnectionOptions.environment("AWS_REGION") ?? "us-east-1"),
            // Some operations would otherwise go to hosts such as sync-127.0.0.1.
            ("AWS_DISABLE_HOST_PREFIX_INJECTION", "true"),
        ]
        if let authorities = ConnectionOptions.environment("AWS_CA_BUNDLE") {
            variables.append(("AWS_CA_BUNDLE", authorities))
        }
        if connection.json {
            connection.output.write(.object(.init(variables.map { ($0.0, .string($0.1)) })))
        } else {
            for (name, value) in variables { connection.output.write("export \(name)='\(value)'") }
        }
    }
}
