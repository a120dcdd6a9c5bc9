// Comparisons of UTF-16 code units with the characters they stand for.

@inline(__always) func == (unit: UInt16, scalar: Unicode.Scalar) -> Bool { UInt32(unit) == scalar.value }

@inline(__always) func ~= (scalar: Unicode.Scalar, unit: UInt16) -> Bool { UInt32(unit) == scalar.value }

@inline(__always) func ~= (range: ClosedRange<Unicode.Scalar>, unit: UInt16) -> Bool {
    range.lowerBound.value <= UInt32(unit) && UInt32(unit) <= range.upperBound.value
}

@inline(__always) func isDigit(_ unit: some FixedWidthInteger & UnsignedInteger) -> Bool { unit &- 0x30 < 10 }
