// Reads the summaries that the workflow keeps (one JSON document a day) and writes one report over them.
//
// The event names bucket and prefix: {"bucket": "flights", "prefix": "reports/days/"}.

import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

struct Request: Decodable {
    var bucket: String
    var prefix: String
}

struct Day: Decodable {
    var day: String
    var grade: String
    var flights: Int
    var cancelled: Int
    var late: Int
    var lateShare: Double
}

let endpoint = ProcessInfo.processInfo.environment["AWS_ENDPOINT_URL"]!

func exchange(_ method: String, _ path: String, _ body: Data? = nil) async throws -> Data {
    var request = URLRequest(url: URL(string: endpoint + path)!)
    request.httpMethod = method
    request.httpBody = body
    let (data, response) = try await URLSession.shared.data(for: request)
    guard let status = (response as? HTTPURLResponse)?.statusCode, status < 300 else {
        throw URLError(.badServerResponse)
    }
    return data
}

/// The keys of a listing, which is XML: their elements hold nothing but text.
func keys(_ listing: String) -> [String] {
    listing.components(separatedBy: "<Key>").dropFirst().compactMap { $0.components(separatedBy: "</Key>").first }
}

let request = try JSONDecoder().decode(Request.self, from: FileHandle.standardInput.readDataToEndOfFile())
let listing = try await exchange("GET", "/\(request.bucket)?list-type=2&prefix=\(request.prefix)")
var days: [Day] = []
for key in keys(String(decoding: listing, as: UTF8.self)) {
    days.append(try JSONDecoder().decode(Day.self, from: try await exchange("GET", "/\(request.bucket)/\(key)")))
}
days.sort { $0.day < $1.day }

var report = "# Flights and delays\n\n| day | flights | cancelled | late | share | grade |\n|---|---|---|---|---|---|\n"
for day in days {
    let share = String(format: "%.1f %%", day.lateShare * 100)
    report += "| \(day.day) | \(day.flights) | \(day.cancelled) | \(day.late) | \(share) | \(day.grade) |\n"
}
_ = try await exchange("PUT", "/\(request.bucket)/reports/report.md", Data(report.utf8))
print(#"{"days": \#(days.count), "report": "\#(request.bucket)/reports/report.md"}"#)
