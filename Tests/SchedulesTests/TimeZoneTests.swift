import Core
import Foundation
import Schedules
import Testing

@Suite struct TimeZoneTests {
    let zones = TimeZoneDatabase()

    @Test(arguments: [
        ("Europe/Berlin", "2026-01-15T12:00:00Z", 3600), ("Europe/Berlin", "2026-07-15T12:00:00Z", 7200),
        ("Europe/Berlin", "2026-03-29T00:59:59Z", 3600), ("Europe/Berlin", "2026-03-29T01:00:00Z", 7200),
        ("Europe/Berlin", "2150-07-15T12:00:00Z", 7200), ("Europe/Dublin", "2099-01-15T12:00:00Z", 0),
        ("Europe/Dublin", "2099-07-15T12:00:00Z", 3600), ("America/New_York", "2088-11-01T12:00:00Z", -14400),
        ("America/New_York", "1974-01-15T12:00:00Z", -14400), ("Asia/Kolkata", "2026-07-15T12:00:00Z", 19800),
        ("Pacific/Kiritimati", "2026-07-15T12:00:00Z", 50400), ("America/Sao_Paulo", "2030-01-15T12:00:00Z", -10800),
        ("UTC", "2026-07-15T12:00:00Z", 0), ("Etc/GMT+5", "2026-07-15T12:00:00Z", -18000),
        ("America/Godthab", "2050-07-15T12:00:00Z", -3600),
    ]) func `offsets are those of the zone files`(name: String, time: String, offset: Int64) throws {
        let instant = Timestamp(rfc3339: time)!.milliseconds / 1000
        #expect(try zones.zone(named: name).offset(at: instant) == offset)
    }

    @Test func `every zone of the machine agrees with Foundation for decades`() throws {
        var checked = 0
        for name in TimeZone.knownTimeZoneIdentifiers where name.contains("/") {
            guard let theirs = TimeZone(identifier: name), let ours = try? zones.zone(named: name) else { continue }
            for month in stride(from: 0, to: 70 * 12, by: 5) {
                let instant = Int64(month) * 2_629_800 + 1234
                let expected = theirs.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
                #expect(ours.offset(at: instant) == Int64(expected), "\(name) at \(instant)")
            }
            checked += 1
        }
        #expect(checked > 300)
    }

    @Test(arguments: [
        "Europe/Atlantis", "", "../../../etc/passwd", "/etc/passwd", "Europe", "Europe//Berlin", "a\0b", "tzdata.zi",
    ])
    func `an unknown zone is named`(name: String) {
        let error = #expect(throws: TimeZoneError.self) { try zones.zone(named: name) }
        #expect(error.map { String(describing: $0).contains("'\(name)'") } == true)
    }

    @Test func `a missing database says what to install`() {
        let nowhere = TimeZoneDatabase(directory: "/nonexistent/zoneinfo")
        let error = #expect(throws: TimeZoneError.self) { try nowhere.zone(named: "Europe/Berlin") }
        #expect(error.map { String(describing: $0).contains("tzdata") } == true)
        #expect(throws: Never.self) { try nowhere.zone(named: "UTC") }
    }

    @Test func `damaged files are refused, never trapped on`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zones-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/Berlin")))
        var random = SeededRandom(seed: 5)
        var refused = 0
        for round in 0..<400 {
            var bytes = whole
            if round % 2 == 0 {
                bytes.removeLast(Int.random(in: 1...whole.count, using: &random))
            } else {
                for _ in 0..<4 {
                    bytes[Int.random(in: 0..<min(whole.count, 120), using: &random)] = UInt8.random(
                        in: 0...255, using: &random)
                }
            }
            let name = "Z\(round)"
            try Data(bytes).write(to: folder.appendingPathComponent(name))
            do {
                let zone = try TimeZoneDatabase(directory: folder.path).zone(named: name)
                _ = zone.offset(at: 1_790_000_000)
                _ = zone.offset(at: 5_000_000_000)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 100)
    }
}
