/// Access keys that name their account.
public enum AccessKeyID {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    /// Of long-lived and of temporary keys.
    private static let prefixes = ["LKIA", "LSIA"]
    private static let length = 20

    /// The account that a key names: the key itself when it is twelve digits, or what was put into it here.
    public static func account(_ key: String) -> String? {
        let bytes = Array(key.utf8)
        if bytes.count == 12, bytes.allSatisfy({ (0x30...0x39).contains($0) }) { return key }
        guard bytes.count == length, prefixes.contains(String(key.prefix(4))) else { return nil }
        var number: UInt64 = 0
        for byte in bytes[4..<12] {
            guard let digit = alphabet.firstIndex(of: byte) else { return nil }
            number = number << 5 | UInt64(digit)
        }
        let digits = String(number)
        return digits.utf8.count <= 12 ? String(repeating: "0", count: 12 - digits.utf8.count) + digits : nil
    }

    /// Whether a key belongs to a session and not to a user.
    public static func isTemporary(_ key: String) -> Bool { key.hasPrefix(prefixes[1]) || key.hasPrefix("ASIA") }

    /// A new key for the account.
    public static func make(
        account: String, isTemporary: Bool, using random: inout some RandomNumberGenerator
    ) -> String {
        var number = UInt64(account) ?? 0
        var digits: [UInt8] = []
        for _ in 0..<8 {
            digits.append(alphabet[Int(number & 31)])
            number >>= 5
        }
        var key = Array(prefixes[isTemporary ? 1 : 0].utf8) + digits.reversed()
        while key.count < length { key.append(alphabet[Int(random.next() & 31)]) }
        return String(decoding: key, as: UTF8.self)
    }
}
