import AWSModels
import Core
import Objects
import Wire

/// Who owns the objects of a bucket, and so whether its access control lists mean anything.
enum Ownership {
    static func controls(_ ownership: S3.ObjectOwnership) -> S3.OwnershipControls {
        S3.OwnershipControls { $0.rules = [S3.OwnershipControlsRule { $0.objectOwnership = ownership }] }
    }
}
