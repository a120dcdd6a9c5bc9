import ArgumentParser

struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Start a host on a project directory.")
    func run() async throws {}
}
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Check the machine.")
    func run() async throws {}
}
