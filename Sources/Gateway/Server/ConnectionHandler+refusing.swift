import NIOCore
import NIOHTTP1
import Wire

/// What is not answered, and what the caller is told of it.
extension ConnectionHandler {
    func refuse(_ exchange: Exchange, _ error: AWSError) {
        exchange.keepsAlive = false
        let response =
            switch exchange.plan.target {
            case .operation(let found): server.dispatcher.refusal(error, of: found)
            case .route(let route):
                server.dispatcher.refusal(error, route.refusesInJSON ? .restJSON : nil, exchange.request)
            case .preflight, .form, .refusal: server.dispatcher.refusal(error, nil, exchange.request)
            }
        write(response, exchange)
    }

    func refuseTarget(_ head: HTTPRequestHead) {
        let request = WireRequest(method: head.method.rawValue, path: "/")
        let error = AWSError("InvalidURI", "Couldn't parse the specified URI.", status: 400)
        let plan = Dispatcher.Plan(target: .refusal(error, nil), bodyLimit: 0)
        let exchange = Exchange(number: exchangeCount, head: head, request: request, plan: plan)
        self.exchange = exchange
        refuse(exchange, error)
    }

    /// The header could not be read, so that nothing is known of what comes after it.
    func refuseUnreadable(_ error: HTTPParserError) {
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
        let failure = Self.unreadable(error)
        let plan = Dispatcher.Plan(target: .refusal(failure, nil), bodyLimit: 0)
        let exchange = Exchange(
            number: exchangeCount, head: head, request: WireRequest(method: "GET", path: "/"), plan: plan)
        self.exchange = exchange
        refuse(exchange, failure)
    }

    private static func unreadable(_ error: HTTPParserError) -> AWSError {
        let isTooLarge = error == .headerOverflow
        return AWSError(
            isTooLarge ? "RequestHeaderSectionTooLarge" : "BadRequest",
            isTooLarge
                ? "Your request header section exceeds the maximum allowed size."
                : "An error occurred when parsing the HTTP request: \(error).", status: isTooLarge ? 431 : 400)
    }

    // MARK: Giving up

    func giveUp(_ exchange: Exchange, _ failure: HTTPParserError) {
        giveUp(exchange, failure == .invalidEOFState ? .incompleteBody() : Self.unreadable(failure))
    }

    /// Tells the caller why his body is not waited for any longer.
    func giveUp(_ exchange: Exchange, _ error: AWSError) {
        guard !exchange.responseHasBegun, !exchange.isGivenUp, let context else {
            abandon()
            context?.close(promise: nil)
            return
        }
        (exchange.isGivenUp, exchange.keepsAlive) = (true, false)
        wait(server.limits.writeTime)
        // Whoever reads the body answers with its error.
        if let pipe = exchange.pipe { pipe.fail(error) } else { refuse(exchange, error) }
        context.flush()
    }

    /// A caller who has gone gets no answer: what is not answered soon is given up, and at once what would take
    /// something with him that others wait for.
    func closeInput(_ context: ChannelHandlerContext) {
        isInputClosed = true
        guard let exchange, !exchange.plan.takesFromOthers else {
            abandon()
            return context.close(promise: nil)
        }
        guard exchange.bodyIsComplete else {
            if !exchange.isGivenUp { giveUp(exchange, .incompleteBody()) }
            return
        }
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let number = exchange.number
        context.eventLoop.scheduleTask(in: .milliseconds(server.limits.halfClosedTime)) {
            let handler = handler.value
            guard let exchange = handler.exchange, exchange.number == number, !exchange.responseHasBegun else { return }
            handler.abandon()
            handler.context?.close(promise: nil)
        }
    }
}
