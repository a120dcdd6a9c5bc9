/// An invocation that has ended, as its REPORT line says it, for whoever bills it.
public struct ReportedInvocation: Hashable, Sendable {
    public var function: FunctionVersionReference
    public var context: InvocationContext
    public var report: InvocationReport
    /// What ``FunctionConfiguration/ephemeralStorageMB`` said.
    public var ephemeralStorageMB: Int

    public init(
        function: FunctionVersionReference, context: InvocationContext, report: InvocationReport,
        ephemeralStorageMB: Int = 512
    ) {
        self.function = function
        self.context = context
        self.report = report
        self.ephemeralStorageMB = ephemeralStorageMB
    }
}

extension InstancePlan {
    func reported(_ invocation: Invocation, _ report: InvocationReport) -> ReportedInvocation {
        ReportedInvocation(
            function: function.reference, context: invocation.context, report: report,
            ephemeralStorageMB: function.ephemeralStorageMB)
    }
}
