import Core
import Metering
import Objects

extension S3Provider {
    /// How a request is billed.
    enum RequestClass {
        /// PUT, COPY, POST, LIST.
        case write
        /// GET, HEAD and the others.
        case read
    }

    func meter(_ requestClass: RequestClass, _ bucket: Bucket) {
        let kind: Usage.ObjectRequest = requestClass == .write ? .write : .read
        environment.record(.objectRequest(kind, on: bucket.arn, in: bucket.scope, at: clock.now))
    }
}
