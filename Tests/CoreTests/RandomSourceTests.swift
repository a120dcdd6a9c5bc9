import Core
import Testing

@Suite struct RandomSourceTests {
    @Test func `numbers are given out once, also to many at a time`() async {
        let numbers = await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<1000).map { _ in SystemRandomSource().nextUInt64() } }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(numbers).count == 8000)
        // Every bit is set about half of the time: seven standard deviations are 313.
        for bit in 0..<64 {
            let count = numbers.count { $0 >> UInt64(bit) & 1 == 1 }
            #expect(abs(count - 4000) < 313, "bit \(bit)")
        }
    }
}
