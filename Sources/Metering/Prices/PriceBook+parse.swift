import Core

extension PriceBook {
    /// The us-east-1 list prices the program is built with.
    public static let usEast1: PriceBook = {
        do {
            return try PriceBook(parsing: listPricesFile)
        } catch {
            fatalError("the built-in price file is wrong: \(error)")
        }
    }()

    /// The built-in price file itself, for people who want to start their own from it.
    public static var listPricesFile: [UInt8] { PackageResources.us_east_1_json }

    /// Reads a price file (JSON, see `Prices/us-east-1.json` for one).
    ///
    /// - Throws: the first mistake found, with its field.
    public init(parsing file: [UInt8]) throws(PriceBookError) {
        guard file.count <= 1 << 20 else { throw PriceBookError(field: "", reason: "a price file has at most 1 MB") }
        let root: JSON
        do {
            root = try JSON(parsing: file, limits: JSONLimits(depth: 16))
        } catch {
            throw PriceBookError(field: "", reason: "not a JSON document: \(error)")
        }
        self = try PriceFileReader().read(root)
    }
}

/// Walks a price file with the path of where it is, for messages.
private struct PriceFileReader {
    func read(_ root: JSON) throws(PriceBookError) -> PriceBook {
        let file = try object(root, "")
        try known(file, ["format", "name", "region", "asOf", "currency", "prices", "freeTiers"], "")
        guard file["format"]?.intValue == 1 else { throw fail("format", "must be 1, the format this program reads") }
        guard file["currency"]?.stringValue == "USD" else { throw fail("currency", "must be \"USD\"") }
        return PriceBook(
            name: try string(file["name"], "name"), region: try string(file["region"], "region"),
            asOf: try date(file["asOf"], "asOf"), tariffs: try tariffs(file["prices"]),
            freeTiers: try freeTiers(file["freeTiers"]))
    }

    private func tariffs(_ value: JSON?) throws(PriceBookError) -> [Metric: Tariff] {
        let prices = try object(value, "prices")
        var tariffs: [Metric: Tariff] = [:]
        for (name, value) in prices {
            guard let metric = Metric(rawValue: name) else {
                throw fail("prices.\(name)", "there is no such metric. \(suggestion(name))")
            }
            tariffs[metric] = try tariff(value, metric)
        }
        let missing = Metric.allCases.filter { tariffs[$0] == nil }.map(\.rawValue)
        guard missing.isEmpty else {
            throw fail(
                "prices", "every metric needs a price (\"0\" for none); missing: \(missing.joined(separator: ", "))")
        }
        return tariffs
    }

    private func suggestion(_ name: String) -> String {
        let service = name.prefix { $0 != "." } + "."
        let near = Metric.allCases.map(\.rawValue).filter { $0.hasPrefix(service) }
        let choices = near.isEmpty ? Metric.allCases.map(\.rawValue) : near
        return "There are \(choices.joined(separator: ", "))"
    }

    private func tariff(_ value: JSON?, _ metric: Metric) throws(PriceBookError) -> Tariff {
        let path = "prices.\(metric.rawValue)"
        let price = try object(value, path)
        try known(price, ["per", "tiers"], path)
        let most: Int64 = metric.unit == .count ? 1_000_000_000 : 1000
        let per = try integer(price["per"] ?? 1, "\(path).per", 1...most)
        guard let list = price["tiers"]?.arrayValue, (1...20).contains(list.count) else {
            throw fail("\(path).tiers", "must be a list of 1 to 20 tiers such as [{\"price\": \"0.20\"}]")
        }
        var tiers: [Tariff.Tier] = []
        for (position, value) in list.enumerated() {
            let isLast = position == list.count - 1
            tiers.append(try tier(value, "\(path).tiers[\(position)]", after: tiers.last?.upTo ?? 0, isLast: isLast))
        }
        return Tariff(per: per, tiers: tiers)
    }

    private func tier(
        _ value: JSON, _ path: String, after start: Int64, isLast: Bool
    ) throws(PriceBookError) -> Tariff.Tier {
        let tier = try object(value, path)
        try known(tier, ["upTo", "price"], path)
        guard let text = tier["price"]?.stringValue, let price = Money(decimal: text),
            price <= Money(picodollars: 1_000_000 * 1_000_000_000_000)
        else {
            throw fail(
                "\(path).price",
                "must be a decimal number of dollars in quotes, such as \"0.0000166667\", with at most 12 decimals and "
                    + "at most 1000000")
        }
        if isLast {
            guard tier["upTo"] == nil else { throw fail("\(path).upTo", "the last tier has no end: leave it out") }
            return Tariff.Tier(upTo: nil, price: price)
        }
        guard tier["upTo"] != nil else { throw fail("\(path).upTo", "is missing: only the last tier has no end") }
        let end = try integer(tier["upTo"], "\(path).upTo", 1...1_000_000_000_000_000)
        guard end > start else { throw fail("\(path).upTo", "must be more than \(start), where the tier begins") }
        return Tariff.Tier(upTo: end, price: price)
    }

    private func freeTiers(_ value: JSON?) throws(PriceBookError) -> [PriceBook.FreeTier] {
        guard let value else { return [] }
        guard let list = value.arrayValue, list.count <= 100 else {
            throw fail("freeTiers", "must be a list of at most 100 free tiers")
        }
        var tiers: [PriceBook.FreeTier] = []
        var taken: [Metric: String] = [:]
        for (position, value) in list.enumerated() {
            let tier = try freeTier(value, "freeTiers[\(position)]")
            for metric in tier.metrics {
                if let other = taken.updateValue(tier.name, forKey: metric) {
                    throw fail("freeTiers[\(position)].metrics", "\(metric.rawValue) is in \"\(other)\" already")
                }
            }
            tiers.append(tier)
        }
        return tiers
    }

    private func freeTier(_ value: JSON, _ path: String) throws(PriceBookError) -> PriceBook.FreeTier {
        let tier = try object(value, path)
        try known(tier, ["name", "amount", "metrics"], path)
        guard let names = tier["metrics"]?.arrayValue, !names.isEmpty, names.count <= Metric.allCases.count else {
            throw fail("\(path).metrics", "must be a list of metrics")
        }
        var metrics: [Metric] = []
        for (position, name) in names.enumerated() {
            guard let text = name.stringValue, let metric = Metric(rawValue: text) else {
                throw fail(
                    "\(path).metrics[\(position)]",
                    "must be the name of a metric. \(suggestion(name.stringValue ?? ""))")
            }
            guard metric.unit == (metrics.first ?? metric).unit else {
                throw fail("\(path).metrics[\(position)]", "is counted in another unit than \(metrics[0].rawValue)")
            }
            metrics.append(metric)
        }
        return PriceBook.FreeTier(
            name: try string(tier["name"], "\(path).name"),
            amount: try integer(tier["amount"], "\(path).amount", 0...1_000_000_000_000_000), metrics: metrics)
    }

    // MARK: - Values

    private func object(_ value: JSON?, _ path: String) throws(PriceBookError) -> JSONObject {
        guard let object = value?.objectValue else {
            throw fail(path, value == nil ? "is missing" : "must be an object")
        }
        return object
    }

    private func known(_ object: JSONObject, _ fields: [String], _ path: String) throws(PriceBookError) {
        for key in object.keys where !fields.contains(key) {
            let name = path.isEmpty ? key : "\(path).\(key)"
            throw fail(name, "is not known here; there are \(fields.joined(separator: ", "))")
        }
    }

    private func string(_ value: JSON?, _ path: String) throws(PriceBookError) -> String {
        guard let text = value?.stringValue, (1...200).contains(text.utf8.count) else {
            throw fail(path, value == nil ? "is missing" : "must be a text of 1 to 200 bytes")
        }
        return text
    }

    private func integer(_ value: JSON?, _ path: String, _ range: ClosedRange<Int64>) throws(PriceBookError) -> Int64 {
        guard let number = value?.intValue, range.contains(number) else {
            throw fail(path, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func date(_ value: JSON?, _ path: String) throws(PriceBookError) -> String {
        guard let text = value?.stringValue, Timestamp(rfc3339: "\(text)T00:00:00Z") != nil else {
            throw fail(path, "must be a date such as \"2026-06-01\"")
        }
        return text
    }

    private func fail(_ field: String, _ reason: String) -> PriceBookError {
        PriceBookError(field: field, reason: reason)
    }
}
