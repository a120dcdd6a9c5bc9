import AWSModels
import Core
import Wire

extension LambdaError {
    /// Members that ask for what this host has not: said, never passed over.
    static func refuse(_ members: [(name: String, isGiven: Bool)]) throws(AWSError) {
        for member in members where member.isGiven {
            throw invalidParameter("\(member.name) is not supported by this host.")
        }
    }

    /// No function is divided among tenants here.
    static func refuse(tenant: String?) throws(AWSError) {
        guard tenant == nil else {
            throw invalidParameter(
                "The invoked function does not use tenant isolation: the request must not name a tenant.")
        }
    }
}

extension Lambda.CreateFunctionRequest {
    func refuseUnsupported() throws(AWSError) {
        try LambdaError.refuse([
            ("DurableConfig", durableConfig != nil), ("CapacityProviderConfig", capacityProviderConfig != nil),
            ("TenancyConfig", tenancyConfig != nil), ("PublishTo", publishTo != nil),
        ])
    }
}

extension Lambda.UpdateFunctionConfigurationRequest {
    func refuseUnsupported() throws(AWSError) {
        try LambdaError.refuse([
            ("DurableConfig", durableConfig != nil), ("CapacityProviderConfig", capacityProviderConfig != nil),
        ])
    }
}

extension Lambda.InvocationRequest {
    func refuseUnsupported() throws(AWSError) {
        try LambdaError.refuse([("DurableExecutionName", durableExecutionName != nil)])
        try LambdaError.refuse(tenant: tenantId)
    }
}
