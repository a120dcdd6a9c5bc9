import Core

/// A stable merge sort of positions, whose comparison may fail.
enum MergeSort {
    /// - Parameter isAfter: whether the first must stand behind the second.
    static func order(
        _ count: Int, isAfter: (Int, Int) throws(JSONataError) -> Bool
    ) throws(JSONataError) -> [Int] {
        var order = Array(0..<count)
        var spare = order
        try sort(&order, &spare, 0, count, isAfter)
        return order
    }

    private static func sort(
        _ order: inout [Int], _ spare: inout [Int], _ start: Int, _ end: Int,
        _ isAfter: (Int, Int) throws(JSONataError) -> Bool
    ) throws(JSONataError) {
        guard end - start > 1 else { return }
        let middle = start + (end - start) / 2
        try sort(&order, &spare, start, middle, isAfter)
        try sort(&order, &spare, middle, end, isAfter)
        if try !isAfter(order[middle - 1], order[middle]) { return }
        for index in start..<end { spare[index] = order[index] }
        var left = start
        var right = middle
        for index in start..<end {
            let takesRight: Bool
            if left == middle {
                takesRight = true
            } else if right == end {
                takesRight = false
            } else {
                takesRight = try isAfter(spare[left], spare[right])
            }
            order[index] = spare[takesRight ? right : left]
            if takesRight { right += 1 } else { left += 1 }
        }
    }

    /// The order of numbers that all are comparable.
    static func order(_ numbers: [Double], descending: Bool) -> [Int] {
        var order = Array(0..<numbers.count)
        // The position decides between equals, which makes the order stable.
        if descending {
            order.sort { numbers[$0] > numbers[$1] || (numbers[$0] == numbers[$1] && $0 < $1) }
        } else {
            order.sort { numbers[$0] < numbers[$1] || (numbers[$0] == numbers[$1] && $0 < $1) }
        }
        return order
    }
}
