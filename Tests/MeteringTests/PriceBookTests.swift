import Core
import Metering
import Testing

@Suite struct PriceBookTests {
    @Test func theBuiltInFileIsTheOneInTheSources() {
        #expect(PriceBook.listPricesFile == readFile("../../Sources/Metering/Prices/us-east-1.json"))
        #expect(!PriceBook.listPricesFile.isEmpty)
        #expect(PriceBook.usEast1.tariffs.count == Metric.allCases.count)
    }

    @Test func aFileOfOnesOwn() throws {
        var file = try JSON(parsing: PriceBook.listPricesFile)
        file = set(file, ["prices", "lambda.requests", "tiers"], [["price": "0.5"]])
        let book = try PriceBook(parsing: file.bytes())
        #expect(book.tariffs[.lambdaRequests]?.tiers == [Tariff.Tier(upTo: nil, price: Money(decimal: "0.5") ?? .zero)])
        #expect(book.tariffs[.queueRequests] == PriceBook.usEast1.tariffs[.queueRequests])
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        let path: [String]
        let value: JSON?
        let message: String

        init(_ path: [String], _ value: JSON?, _ message: String) {
            (self.path, self.value, self.message) = (path, value, message)
        }

        var testDescription: String { message }
    }

    private static let requests = ["prices", "lambda.requests"]

    static let mistakes: [Mistake] = [
        Mistake(["format"], 2, "format: must be 1, the format this program reads"),
        Mistake(["format"], nil, "format: must be 1"),
        Mistake(["currency"], "EUR", "currency: must be \"USD\""),
        Mistake(["name"], nil, "name: is missing"),
        Mistake(["name"], "", "name: must be a text of 1 to 200 bytes"),
        Mistake(["asOf"], "June", "asOf: must be a date such as"),
        Mistake(["color"], "red", "color: is not known here; there are format"),
        Mistake(["prices"], nil, "prices: is missing"),
        Mistake(["prices"], [], "prices: must be an object"),
        Mistake(
            ["prices", "sqs.requests"], nil,
            "prices: every metric needs a price (\"0\" for none); missing: sqs.requests"),
        Mistake(
            ["prices", "sqs.request"], [:],
            "prices.sqs.request: there is no such metric. There are sqs.requests, sqs.fifo"),
        Mistake(requests + ["per"], 0, "prices.lambda.requests.per: must be a whole number from 1 to 1000000000"),
        Mistake(requests + ["per"], 1.5, "prices.lambda.requests.per: must be a whole number"),
        Mistake(["prices", "s3.storage", "per"], 5000, "prices.s3.storage.per: must be a whole number from 1 to 1000"),
        Mistake(requests + ["unit"], 1, "prices.lambda.requests.unit: is not known here; there are per, tiers"),
        Mistake(requests + ["tiers"], [], "prices.lambda.requests.tiers: must be a list of 1 to 20 tiers"),
        Mistake(
            requests + ["tiers"], [["price": 0.2]],
            "prices.lambda.requests.tiers[0].price: must be a decimal number of dollars in quotes"),
        Mistake(
            requests + ["tiers"], [["price": "1000001"]], "prices.lambda.requests.tiers[0].price: must be a decimal"),
        Mistake(
            requests + ["tiers"], [["price": "1", "upTo": 5]],
            "prices.lambda.requests.tiers[0].upTo: the last tier has no end"),
        Mistake(
            requests + ["tiers"], [["price": "1"], ["price": "1"]],
            "prices.lambda.requests.tiers[0].upTo: is missing: only the last"),
        Mistake(
            requests + ["tiers"], [["price": "1", "upTo": 5], ["price": "1", "upTo": 5], ["price": "1"]],
            "prices.lambda.requests.tiers[1].upTo: must be more than 5, where the tier begins"),
        Mistake(["freeTiers"], [:], "freeTiers: must be a list of at most 100"),
        Mistake(
            ["freeTiers"], [["name": "x", "amount": -1, "metrics": ["sqs.requests"]]],
            "freeTiers[0].amount: must be a whole"),
        Mistake(
            ["freeTiers"], [["name": "x", "amount": 1, "metrics": ["sqs"]]],
            "freeTiers[0].metrics[0]: must be the name of a metric"),
        Mistake(
            ["freeTiers"], [["name": "x", "amount": 1, "metrics": ["sqs.requests", "s3.storage"]]],
            "freeTiers[0].metrics[1]: is counted in another unit than sqs.requests"),
        Mistake(
            ["freeTiers"],
            [
                ["name": "x", "amount": 1, "metrics": ["sqs.requests"]],
                ["name": "y", "amount": 1, "metrics": ["sqs.requests"]],
            ], "freeTiers[1].metrics: sqs.requests is in \"x\" already"),
    ]

    @Test(arguments: mistakes) func mistakesAreNamed(_ mistake: Mistake) throws {
        let file = set(try JSON(parsing: PriceBook.listPricesFile), mistake.path, mistake.value)
        let error = #expect(throws: PriceBookError.self) { try PriceBook(parsing: file.bytes()) }
        #expect(error?.description.hasPrefix(mistake.message) == true, "\(error?.description ?? "no error")")
    }

    @Test(arguments: [("", "not a JSON document"), ("{", "not a JSON document: line 1"), ("[]", "must be an object")])
    func noPriceFileAtAll(_ text: String, _ message: String) {
        let error = #expect(throws: PriceBookError.self) { try PriceBook(parsing: Array(text.utf8)) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    private func set(_ json: JSON, _ path: [String], _ value: JSON?) -> JSON {
        guard let key = path.first else { return value ?? json }
        var object = json.objectValue ?? [:]
        object[key] = path.count == 1 ? value : set(object[key] ?? [:], Array(path.dropFirst()), value)
        return .object(object)
    }
}
