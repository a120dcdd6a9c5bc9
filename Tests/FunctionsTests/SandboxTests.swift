import CFunctionSpawn
import Core
import Glibc
import HostTesting
import Testing

@testable import Functions

/// Whether this machine lets the tests make namespaces.
private let allowsNamespaces: Bool = {
    guard let directory = try? TemporaryDirectory("sandbox"),
        let sandbox = try? Sandbox(root: "\(directory.path)/root", runtimeDirectory: directory.path)
    else { return false }
    return (try? sandbox.requirePermission(in: directory.path)) != nil
}()

@Suite(.enabled(if: allowsNamespaces, "this machine lets nobody make namespaces"), .timeLimit(.minutes(2)))
struct SandboxTests {
    @Test func functionsSeeLambdasPlacesAndNothingElse() async throws {
        try await TestHost.with(isolation: .namespaces) { test in
            let first = try test.writeCode(
                "one", [.init(path: "data/a", text: "first"), .init(path: "data/b", text: "b")])
            let second = try test.writeCode(
                "two", [.init(path: "data/a", text: "second"), .init(path: "python/extra.py", text: "value = 7")])
            let function = try test.python(
                """
                import os, extra
                def attempt(path):
                    try:
                        open(path, "w").write("x")
                        return "written"
                    except OSError as error:
                        return type(error).__name__
                def handler(event, context):
                    return {
                        "cwd": os.getcwd(), "root": os.environ["LAMBDA_TASK_ROOT"], "task": os.listdir("/var/task"),
                        "a": open("/opt/data/a").read(), "b": open("/opt/data/b").read(), "extra": extra.value,
                        "tmp": attempt("/tmp/file"), "code": attempt("/var/task/file"), "etc": attempt("/etc/file"),
                        "top": attempt("/file"), "pid": os.getpid(), "outside": os.path.exists(event),
                        "processes": len([n for n in os.listdir("/proc") if n.isdigit()]),
                        "tmpdir": os.environ["TMPDIR"]}
                """
            ) { $0.layers = [first, second] }
            let result = await test.invoke(function, .string(test.directory))
            let seen = try #require(result.json, "\(test.log.text)")
            #expect(seen["cwd"] == "/var/task", "\(result.text)")
            #expect(seen["root"] == "/var/task")
            #expect(seen["task"] == ["app.py"])
            #expect(seen["a"] == "second")
            #expect(seen["b"] == "b")
            #expect(seen["extra"] == 7)
            #expect(seen["tmp"] == "written")
            #expect(seen["tmpdir"] == "/tmp")
            for place in ["code", "etc", "top"] { #expect(seen[place] == "OSError", "\(place)") }
            #expect(seen["pid"] == 1)
            #expect(seen["processes"] == 1)
            #expect(seen["outside"] == false)
        }
    }

    @Test func executablesRunAndNothingOutlivesThem() async throws {
        try await TestHost.with(isolation: .namespaces) { test in
            let function = try test.shell("setsid sleep 324 &\ncat; pwd")
            #expect(await test.invoke(function, 1).text == "1/var/task\n")
            #expect(allEnd(withArgument: "324"))
        }
    }

    @Test func bootstrapsOfLayersAndExtensionsRun() async throws {
        try await TestHost.with(isolation: .namespaces) { test in
            let layer = try test.writeCode(
                "layer", [.init(path: "extensions/crash", text: "#!/bin/sh\nexit 4\n", isExecutable: true)])
            let function = try test.provided("next_invocation()") { $0.layers = [layer] }
            #expect(await test.invoke(function).errorType == "Extension.Crash")
        }
    }
}
