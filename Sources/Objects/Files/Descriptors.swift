import Core
import Glibc

func closeDescriptor(_ descriptor: Int32) { close(descriptor) }

func synchronizeDescriptor(_ descriptor: Int32) throws(FileError) {
    guard fdatasync(descriptor) == 0 else { throw FileError(path: "a copy of an object", code: errno) }
}
