import AWSModels
import Core
import Events
import HostTesting
import Metering
import OutgoingHTTP
import Services
import Storage
import Testing
import Wire

@Suite struct EventBusTests {
    private static func provider(
        clock: VirtualClock = VirtualClock()
    ) throws -> (EventBridgeProvider, TemporaryDatabase) {
        let temporary = try Database.temporary(
            schema: Meter.schema + DeliveryStore.schema + ScheduleStore.schema + BusService.schema + TagStore.schema
                + SecretStore.schema)
        let identifiers = IdentifierSequence(clock: clock)
        let dispatcher = Events.Dispatcher(
            database: temporary.database, clock: clock, targets: TargetRegistry(), endings: [:],
            identifiers: identifiers)
        let buses = BusService(
            database: temporary.database, clock: clock, identifiers: identifiers, outbox: dispatcher.outbox,
            meter: Meter(), schedules: ScheduleStore(clock: clock, identifiers: identifiers))
        return (EventBridgeProvider(buses, tokens: ConnectionTokens(buses, http: HTTPClient())), temporary)
    }

    private static let context = RequestContext(requestID: "r")

    @Test func whatIsNotGivenStays() async throws {
        let (provider, temporary) = try Self.provider()
        _ = try await provider.createEventBus(
            EventBridge.CreateEventBusRequest {
                $0.name = "shop"
                $0.description = "old"
                $0.kmsKeyIdentifier = "key"
            }, Self.context)
        let answer = try await provider.updateEventBus(
            EventBridge.UpdateEventBusRequest {
                $0.name = "shop"
                $0.description = "new"
                $0.deadLetterConfig = EventBridge.DeadLetterConfig {
                    $0.arn = "arn:aws:sqs:us-east-1:000000000000:dead"
                }
            }, Self.context)
        #expect(answer.arn == "arn:aws:events:us-east-1:000000000000:event-bus/shop")
        let bus = try await provider.describeEventBus(
            EventBridge.DescribeEventBusRequest { $0.name = "shop" }, Self.context)
        #expect(bus.description == "new")
        #expect(bus.kmsKeyIdentifier == "key")
        #expect(bus.deadLetterConfig?.arn == "arn:aws:sqs:us-east-1:000000000000:dead")
        await temporary.database.close()
    }

    @Test func connectionsAreAuthorizedOrNotOnceTheirEndpointWasAsked() async throws {
        let clock = VirtualClock()
        let (provider, temporary) = try Self.provider(clock: clock)
        let made = try await provider.createConnection(
            EventBridge.CreateConnectionRequest {
                $0.name = "c"
                $0.authorizationType = .oauthClientCredentials
                $0.authParameters = EventBridge.CreateConnectionAuthRequestParameters {
                    $0.oAuthParameters = EventBridge.CreateConnectionOAuthRequestParameters {
                        $0.authorizationEndpoint = "ftp://not-on-the-web"
                        $0.httpMethod = "POST"
                        $0.clientParameters = EventBridge.CreateConnectionOAuthClientRequestParameters {
                            $0.clientID = "id"
                            $0.clientSecret = "secret"
                        }
                    }
                }
            }, Self.context)
        #expect(made.connectionState == .authorizing)
        let question = EventBridge.DescribeConnectionRequest { $0.name = "c" }
        #expect(try await provider.describeConnection(question, Self.context).connectionState == .authorizing)
        await clock.advance(by: 300)
        let settled = try await provider.describeConnection(question, Self.context)
        #expect(settled.connectionState == .deauthorized)
        #expect(settled.stateReason?.isEmpty == false)
        await temporary.database.close()
    }

    @Test func deadLettersGoToQueues() async throws {
        let (provider, temporary) = try Self.provider()
        _ = try await provider.putRule(
            EventBridge.PutRuleRequest {
                $0.name = "r"
                $0.eventPattern = #"{"source":["a"]}"#
            }, Self.context)
        let error = await #expect(throws: AWSError.self) {
            try await provider.putTargets(
                EventBridge.PutTargetsRequest {
                    $0.rule = "r"
                    $0.targets = [
                        EventBridge.Target {
                            $0.id = "1"
                            $0.arn = "arn:aws:sqs:us-east-1:000000000000:q"
                            $0.deadLetterConfig = EventBridge.DeadLetterConfig { $0.arn = "bad" }
                        }
                    ]
                }, Self.context)
        }
        #expect(error?.message == "Parameter bad is not valid. Reason: Provided Arn is not in correct format.")
        await temporary.database.close()
    }

    @Test func aBusMustBeThereToBeChanged() async throws {
        let (provider, temporary) = try Self.provider()
        let error = await #expect(throws: AWSError.self) {
            try await provider.updateEventBus(
                EventBridge.UpdateEventBusRequest { $0.name = "none" }, Self.context)
        }
        #expect(error?.code == "ResourceNotFoundException")
        #expect(error?.message == "Event bus none does not exist.")
        await temporary.database.close()
    }

    @Test(arguments: [("own", "own"), (nil, "of the request")] as [(String?, String)])
    func eventsBelongToTheTraceOfTheirEntryOrRequest(_ own: String?, _ expected: String) async throws {
        let (provider, temporary) = try Self.provider()
        _ = try await provider.putRule(
            EventBridge.PutRuleRequest {
                $0.name = "all"
                $0.eventPattern = #"{"source":["shop"]}"#
            }, Self.context)
        _ = try await provider.putTargets(
            EventBridge.PutTargetsRequest {
                $0.rule = "all"
                $0.targets = [
                    EventBridge.Target {
                        $0.id = "f"
                        $0.arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
                    }
                ]
            }, Self.context)
        let answer = try await provider.putEvents(
            EventBridge.PutEventsRequest {
                $0.entries = [
                    EventBridge.PutEventsRequestEntry {
                        $0.source = "shop"
                        $0.detailType = "sold"
                        $0.detail = "{}"
                        $0.traceHeader = own
                    }
                ]
            }, RequestContext(requestID: "r", traceHeader: "of the request"))
        #expect(answer.failedEntryCount == 0)
        let envelopes = try await temporary.database.read { transaction in
            try transaction.query("SELECT envelope FROM deliveries").map { try JSON(parsing: try $0.text(0)) }
        }
        #expect(envelopes.map { $0["context"]?["traceHeader"]?.stringValue } == [expected])
        await temporary.database.close()
    }

    @Test(arguments: [("put", true), ("POST", true), ("DELETE", false)])
    func methodsOfTokenRequestsAreTakenInEitherCase(_ method: String, _ isTaken: Bool) async throws {
        let (provider, temporary) = try Self.provider()
        let create = EventBridge.CreateConnectionRequest {
            $0.name = "partner"
            $0.authorizationType = .oauthClientCredentials
            $0.authParameters = EventBridge.CreateConnectionAuthRequestParameters {
                $0.oAuthParameters = EventBridge.CreateConnectionOAuthRequestParameters {
                    $0.authorizationEndpoint = "https://example.com/token"
                    $0.httpMethod = method
                    $0.clientParameters = EventBridge.CreateConnectionOAuthClientRequestParameters {
                        $0.clientID = "id"
                        $0.clientSecret = "secret"
                    }
                }
            }
        }
        if isTaken {
            _ = try await provider.createConnection(create, Self.context)
        } else {
            let error = await #expect(throws: AWSError.self) {
                try await provider.createConnection(create, Self.context)
            }
            #expect(error?.code == "ValidationException")
        }
        await temporary.database.close()
    }
}
