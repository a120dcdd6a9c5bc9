import AWSModels
import Core
public import Wire

extension S3Provider {
    /// The service with what S3 does besides its operations.
    public var service: AWSService {
        var service = S3.service(self)
        service.crossOrigin = crossOrigin
        service.unroutable = Self.refusal
        return service
    }

    /// What pages of other origins may do with buckets.
    public var crossOrigin: BucketCORS { BucketCORS(store) }

    private static func refusal(_ request: WireRequest) -> AWSError {
        let address = BucketAddress(request)
        if request.method == "POST", request.query.isEmpty, let address, !address.hasKey {
            return AWSError.notAForm
        }
        return AWSError.methodNotAllowed(request.method, address?.hasKey ?? false ? "OBJECT" : "BUCKET")
    }
}

extension AWSError {
    static func methodNotAllowed(_ method: String, _ resource: String) -> AWSError {
        AWSError("MethodNotAllowed", "The specified method is not allowed against this resource.", status: 405)
            .with("Method", .string(method)).with("ResourceType", .string(resource))
    }

    /// What is posted to a bucket must be a form.
    static var notAForm: AWSError {
        AWSError(
            "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", status: 412
        ).with("Condition", "Bucket POST must be of the enclosure-type multipart/form-data")
    }
}
