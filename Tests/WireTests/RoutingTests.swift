import AWSModels
import Testing
import Wire

@Suite struct RoutingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var method: String
        var target: String
        var headers: HTTPFields = [:]
        var operation: String?
        var testDescription: String { "\(method) \(target)" }
    }

    private static let objects: [Case] = [
        Case(method: "GET", target: "/", operation: "ListBuckets"),
        Case(method: "GET", target: "/?x-id=ListBuckets", operation: "ListBuckets"),
        Case(method: "PUT", target: "/b", operation: "CreateBucket"),
        Case(method: "GET", target: "/b", operation: "ListObjects"),
        Case(method: "GET", target: "/b/", operation: "ListObjects"),
        Case(method: "GET", target: "/b?list-type=2&prefix=x", operation: "ListObjectsV2"),
        Case(method: "GET", target: "/b?versions", operation: "ListObjectVersions"),
        Case(method: "GET", target: "/b?uploads", operation: "ListMultipartUploads"),
        Case(method: "GET", target: "/b?location", operation: "GetBucketLocation"),
        Case(method: "GET", target: "/b?lifecycle", operation: "GetBucketLifecycleConfiguration"),
        Case(method: "GET", target: "/b?analytics", operation: "ListBucketAnalyticsConfigurations"),
        Case(method: "GET", target: "/b?analytics&id=1", operation: "GetBucketAnalyticsConfiguration"),
        Case(method: "HEAD", target: "/b", operation: "HeadBucket"),
        Case(method: "HEAD", target: "/b/k", operation: "HeadObject"),
        Case(method: "GET", target: "/b/k", operation: "GetObject"),
        Case(method: "GET", target: "/b/k/", operation: "GetObject"),
        Case(method: "GET", target: "/b//k", operation: "GetObject"),
        Case(method: "GET", target: "/b/k?tagging", operation: "GetObjectTagging"),
        Case(method: "GET", target: "/b/k?torrent", operation: "GetObjectTorrent"),
        Case(method: "GET", target: "/b/k?uploadId=1", operation: "ListParts"),
        Case(method: "PUT", target: "/b/k", operation: "PutObject"),
        Case(method: "PUT", target: "/b/k", headers: ["x-amz-copy-source": "a/b"], operation: "CopyObject"),
        Case(method: "PUT", target: "/b/k?partNumber=1&uploadId=u", operation: "UploadPart"),
        Case(
            method: "PUT", target: "/b/k?partNumber=1&uploadId=u", headers: ["x-amz-copy-source": "a/b"],
            operation: "UploadPartCopy"),
        Case(method: "POST", target: "/b/k?uploads", operation: "CreateMultipartUpload"),
        Case(method: "POST", target: "/b/k?uploadId=u", operation: "CompleteMultipartUpload"),
        Case(method: "DELETE", target: "/b/k?uploadId=u", operation: "AbortMultipartUpload"),
        Case(method: "POST", target: "/b?delete", operation: "DeleteObjects"),
        Case(method: "PATCH", target: "/b", operation: nil),
    ]

    @Test("requests for buckets and objects", arguments: objects)
    func s3(item: Case) { Self.check(item, S3.model) }

    private static let functions: [Case] = [
        Case(method: "GET", target: "/2015-03-31/functions", operation: "ListFunctions"),
        Case(method: "GET", target: "/2015-03-31/functions/", operation: "ListFunctions"),
        Case(method: "GET", target: "/2015-03-31/functions/f", operation: "GetFunction"),
        Case(method: "POST", target: "/2015-03-31/functions/f/invocations", operation: "Invoke"),
        Case(method: "GET", target: "/2015-03-31/functions/f/aliases/live", operation: "GetAlias"),
        Case(
            method: "GET", target: "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aeu%3A1%3Afunction%3Af", operation: "ListTags"),
        Case(method: "GET", target: "/2018-10-31/layers?find=LayerVersion&Arn=a", operation: "GetLayerVersionByArn"),
        Case(method: "GET", target: "/2018-10-31/layers", operation: "ListLayers"),
        Case(method: "DELETE", target: "/2017-03-31/tags/a", operation: "UntagResource"),
        Case(method: "DELETE", target: "/2017-03-31/tags/a?tagKeys=b", operation: "UntagResource"),
        Case(method: "GET", target: "/nowhere", operation: nil),
    ]

    @Test("requests for functions", arguments: functions)
    func lambda(item: Case) { Self.check(item, Lambda.model) }

    private static func check(_ item: Case, _ model: ServiceModel) {
        let halves = item.target.split(separator: "?", maxSplits: 1)
        let request = WireRequest(
            method: item.method, path: String(halves[0]), query: halves.count > 1 ? String(halves[1]) : "",
            headers: item.headers)
        #expect(model.routes?.operation(request)?.name == item.operation)
    }

    private static let models = [
        Lambda.model, S3.model, SNS.model, SQS.model, EventBridge.model, Scheduler.model, StepFunctions.model,
        CloudWatchLogs.model, STS.model, IAM.model,
    ]

    @Test("every pattern of the models can be compiled")
    func patterns() {
        for model in Self.models {
            for shape in model.shapes {
                if let pattern = shape.constraints?.pattern {
                    #expect(pattern.defect == nil, "\(model.traits.id) \(shape.name) \(pattern.source)")
                }
            }
        }
    }
}
