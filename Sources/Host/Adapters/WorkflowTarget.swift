import Core
import Events
import Storage
import Workflows

/// Workflows as targets of deliveries. The execution is named after the delivery, so that a delivery which is attempted
/// twice starts one execution.
struct WorkflowTarget: DeliveryTarget {
    let workflows: WorkflowEngine

    func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
        let name = delivery.context["executionName"]?.stringValue ?? "delivery-\(delivery.id)"
        do throws(WorkflowError) {
            _ = try await workflows.startExecution(
                StartExecutionRequest(
                    machineARN: delivery.target, name: name, input: String(decoding: delivery.payload, as: UTF8.self)))
            return .done
        } catch {
            switch error.code {
            case .executionAlreadyExists: return .done
            case .unavailable, .throttling:
                return DeliveryOutcome(.throttled, error: (error.code.rawValue, error.message))
            default: return .rejected(error.code.rawValue, error.message)
            }
        }
    }
}
