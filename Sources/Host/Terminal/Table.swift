/// Rows of text in columns as wide as their widest cell.
struct Table {
    enum Alignment { case left, right }

    private let headers: [String]
    private let alignments: [Alignment]
    private var rows: [[String]] = []

    init(_ columns: (String, Alignment)...) { self.init(columns) }

    init(_ columns: [(String, Alignment)]) {
        headers = columns.map(\.0)
        alignments = columns.map(\.1)
    }

    mutating func add(_ cells: String...) { rows.append(cells) }

    mutating func add(_ cells: [String]) { rows.append(cells) }

    var isEmpty: Bool { rows.isEmpty }

    func text(_ style: Style) -> String {
        let widths = headers.indices.map { column in
            ([headers] + rows).map { Self.width($0[column]) }.max() ?? 0
        }
        let head = style.dim(line(headers, widths))
        return ([head] + rows.map { line($0, widths) }).joined(separator: "\n")
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = cells.indices.map { column -> String in
            let space = String(repeating: " ", count: max(0, widths[column] - Self.width(cells[column])))
            return alignments[column] == .right ? space + cells[column] : cells[column] + space
        }
        let text = padded.joined(separator: "  ")
        return String(text.reversed().drop { $0 == " " }.reversed())
    }

    /// Characters that are seen, without the codes of colours.
    private static func width(_ text: String) -> Int {
        var width = 0
        var isCode = false
        for character in text {
            if character == "\u{1B}" { isCode = true }
            if !isCode { width += 1 }
            if isCode, character.isLetter { isCode = false }
        }
        return width
    }
}

/// Numbers and times as people read them.
enum Readable {
    static func bytes(_ count: Int) -> String {
        guard count >= 1024 else { return "\(count) B" }
        var value = Double(count)
        for unit in ["KB", "MB", "GB", "TB"] {
            value /= 1024
            if value < 1024 || unit == "TB" { return "\(rounded(value)) \(unit)" }
        }
        return "\(count) B"
    }

    static func duration(milliseconds: Int64) -> String {
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        if milliseconds < 60_000 { return "\(rounded(Double(milliseconds) / 1000)) s" }
        let seconds = milliseconds / 1000
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    }

    private static func rounded(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
