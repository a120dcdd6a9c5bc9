import CFunctionSpawn
import Glibc

/// The two ends of a pipe, closed on exec. Whoever takes an end closes it.
struct Pipe {
    var readEnd: CInt
    var writeEnd: CInt

    init() throws(FunctionError) {
        var ends: [CInt] = [-1, -1]
        guard fs_pipe(&ends) == 0 else {
            throw FunctionError(.host, "cannot make a pipe: \(systemMessage(errno))")
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    /// All of them or none.
    static func make(_ count: Int) throws(FunctionError) -> [Pipe] {
        var pipes: [Pipe] = []
        do throws(FunctionError) {
            for _ in 0..<count { pipes.append(try Pipe()) }
        } catch {
            for pipe in pipes {
                close(pipe.readEnd)
                close(pipe.writeEnd)
            }
            throw error
        }
        return pipes
    }

    /// Only the host's end may be non-blocking: a program does not expect it of its own.
    static func setNonBlocking(_ descriptor: CInt) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL, 0) | O_NONBLOCK)
    }
}
