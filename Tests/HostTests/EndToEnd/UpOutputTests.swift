import HostTesting
import Testing

extension EndToEnd {
    /// What `millrace up` writes where it runs.
    @Suite struct UpOutputTests {
        private static let project = [
            "functions/built/function.yaml":
                "Runtime: exec\nHandler: run.sh\nMetadata: {BuildMethod: makefile}\n",
            "functions/built/Makefile": "build-built:\n\tcp run.sh $(ARTIFACTS_DIR)/run.sh\n",
            "functions/built/run.sh": "#!/bin/sh\ncat\n",
        ]

        @Test(.timeLimit(.minutes(2))) func `a build is told of before it is waited for, once`() async throws {
            let host = try TestHost(Self.project)
            try await host.start()
            #expect(host.log.hasPrefix("building built: make build-built\n+ function built"), "\(host.log)")
            try await host.stop()
            try await host.start()
            #expect(!host.log.contains("building"), "\(host.log)")
            try await host.stop()
        }

        @Test(.timeLimit(.minutes(2))) func `a quiet host writes errors only`() async throws {
            let host = try TestHost(Self.project)
            _ = try host.launch("--quiet")
            try await eventually("the function is served") {
                (try? await host.command("invoke", "built", "7"))?.output == "7"
            }
            #expect(host.log == "")
            try host.write("functions/built/function.yaml", "Runtime: exec\n")
            try await eventually("the mistake is named") { host.log.contains("Handler: is missing") }
            try await host.stop()
        }
    }
}
