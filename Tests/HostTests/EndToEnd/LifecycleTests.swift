import Core
import Glibc
import HostTesting
import Testing

extension EndToEnd {
    /// Bad days of a host.
    @Suite struct LifecycleTests {
        static let project = Samples.function(
            "note", Samples.script(append: "$(field order)"), timeout: 60,
            events: "Events: {Hook: {Type: HttpApi, Properties: {Path: '/{order}', Method: POST, Mode: Queued}}}")

        @Test(.timeLimit(.minutes(2)), arguments: [true, false])
        func `a port in use is named`(_ isControlPort: Bool) async throws {
            let host = try TestHost(Self.project)
            let (taken, free) = (FreePort.reserve(), FreePort.pair().0)
            defer { close(taken.descriptor) }
            let result = try await CommandResult.run(
                [
                    "up", host.project, "--data", host.data, "--port", "\(isControlPort ? taken.port : free)",
                    "--webhook-port", "\(isControlPort ? free : taken.port)",
                ], endpoint: nil)
            #expect(result.exitCode == 1)
            #expect(result.errors.contains("\(taken.port)"), "\(result.errors)")
            #expect(result.errors.contains("uses that port"), "\(result.errors)")
        }

        @Test(.timeLimit(.minutes(2))) func `a second host on the same data is refused and harms nothing`() async throws
        {
            let host = try TestHost(Self.project)
            try await host.start()
            let (port, webhookPort) = FreePort.pair()
            let second = try await CommandResult.run(
                ["up", host.project, "--data", host.data, "--port", "\(port)", "--webhook-port", "\(webhookPort)"],
                endpoint: nil)
            #expect(second.exitCode == 1)
            #expect(second.errors.contains(host.data), "\(second.errors)")
            #expect(try host.webhook("POST", "/one", "").status == 202)
            try await host.waitForEffect("one")
            #expect(try await host.stop() == 0)
        }

        @Test(.timeLimit(.minutes(2))) func `a data directory that cannot be is named`() async throws {
            let host = try TestHost(Self.project, data: "/dev/null/data")
            let process = try host.launch()
            #expect(try await process.waitForExit() == 1)
            #expect(host.log.contains("/dev/null"), "\(host.log)")
        }

        @Test(.timeLimit(.minutes(2)), arguments: [SIGTERM, SIGINT])
        func `a signal lets what has begun come to its end`(_ signal: Int32) async throws {
            let slow = """
                #!/bin/sh
                cat > /dev/null
                echo begun >> "$EFFECTS"
                read go < "$EFFECTS.gate"
                printf '{"statusCode":200,"body":"ended"}'
                """
            let host = try TestHost(
                Samples.function(
                    "work", slow, timeout: 60,
                    events: "Events: {Hook: {Type: HttpApi, Properties: {Path: /work, Method: POST}}}"))
            let process = try await host.start()
            let gate = try Gate("\(host.effects).gate")
            let flight = try HTTPConnection(port: host.webhookPort)
            flight.begin("POST", "/work")
            try await host.waitForEffect("begun")
            process.signal(signal)
            // No new callers while the old one is served.
            try await eventually("the port is closed") { (try? HTTPConnection(port: host.webhookPort)) == nil }
            #expect(process.exitCode() == nil)
            try await gate.letOneGo()
            #expect(try flight.reply().text == "ended")
            #expect(try await process.waitForExit() == 0, "\(host.log)")
        }

        @Test(.timeLimit(.minutes(2))) func `functions do not outlive a host that is killed`() async throws {
            let script = "#!/bin/sh\necho $$ >> \"$EFFECTS\"\nread go < \"$EFFECTS.gate\"\n"
            let host = try TestHost(
                Samples.function(
                    "work", script, timeout: 60,
                    events: "Events: {Hook: {Type: HttpApi, Properties: {Path: /work, Method: POST}}}"))
            try await host.start()
            _ = try Gate("\(host.effects).gate")
            let flight = try HTTPConnection(port: host.webhookPort)
            flight.begin("POST", "/work")
            let pid = try await eventually("the function runs") { host.effectLines.first.flatMap { pid_t($0) } }
            try await host.kill()
            try await eventually("the function's process ends") { Glibc.kill(pid, 0) != 0 || Self.isZombie(pid) }
        }

        private static func isZombie(_ pid: pid_t) -> Bool {
            let text = (try? File.read("/proc/\(pid)/stat")).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return text.split(separator: ")").last?.hasPrefix(" Z") ?? true
        }

        @Test(
            .timeLimit(.minutes(3)),
            .enabled(if: SmallDisk.isPossible, "mounting a small file system needs root and the right to mount"))
        func `a full disk refuses, and takes up again when there is room`() async throws {
            let mount = try TemporaryDirectory("disk")
            let disk = try SmallDisk(at: mount.path, megabytes: 24)
            defer { disk.unmount() }
            let host = try TestHost(Self.project, data: "\(mount.path)/data")
            try await host.start()
            #expect(try host.webhook("POST", "/before", "").status == 202)
            try await host.waitForEffect("before")

            disk.fill()
            var refused: HTTPReply?
            var accepted: [String] = []
            let body = [UInt8](repeating: 120, count: 200_000)
            for index in 0..<200 where refused == nil {
                let reply = try host.webhook("POST", "/full-\(index)", headers: ["Content-Type": "text/plain"], body)
                if reply.status == 202 { accepted.append("full-\(index)") } else { refused = reply }
            }
            #expect(refused?.status == 503)
            #expect(host.process?.exitCode() == nil)
            // Reading goes on.
            #expect(try await host.command("triggers", "--json").exitCode == 0)

            disk.free()
            try await eventually("there is room again") { try host.webhook("POST", "/after", "").status == 202 }
            try await host.waitForEffect("after")
            // What was acknowledged on the way to the full disk is delivered all the same.
            for name in accepted { try await host.waitForEffect(name) }
            #expect(try await host.stop() == 0)
            try await host.start()
            #expect(try await host.stop() == 0)
        }
    }
}

/// A file system of a few megabytes in memory.
struct SmallDisk {
    let path: String

    static var isPossible: Bool {
        guard getuid() == 0, let directory = try? TemporaryDirectory("probe") else { return false }
        guard let disk = try? SmallDisk(at: directory.path, megabytes: 1) else { return false }
        disk.unmount()
        return true
    }

    init(at path: String, megabytes: Int) throws {
        self.path = path
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            throw TestFailure("cannot mount: \(String(cString: strerror(errno)))")
        }
    }

    func unmount() { umount2(path, Int32(MNT_DETACH)) }

    /// Takes all the room that is left.
    func fill() {
        let descriptor = open("\(path)/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        let chunk = [UInt8](repeating: 0, count: 4096)
        while write(descriptor, chunk, chunk.count) > 0 {}
        close(descriptor)
    }

    func free() { unlink("\(path)/filler") }
}
