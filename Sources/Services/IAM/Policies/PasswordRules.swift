import AWSModels
import Core

/// What an account demands of passwords.
struct PasswordRules {
    var minimumLength: Int
    var requiresSymbols = false
    var requiresNumbers = false
    var requiresCapitals = false
    var requiresSmallLetters = false
    /// Of symbols, numbers, capitals and small letters.
    var kinds = 0

    /// What holds where an account has no policy.
    static let usual = PasswordRules(minimumLength: 8, kinds: 3)

    func allow(_ password: String) -> Bool {
        let bytes = Array(password.utf8)
        let hasSymbols = bytes.contains { "!@#$%^&*()_+-=[]{}|'".utf8.contains($0) }
        let hasNumbers = bytes.contains { (0x30...0x39).contains($0) }
        let hasCapitals = bytes.contains { (0x41...0x5A).contains($0) }
        let hasSmall = bytes.contains { (0x61...0x7A).contains($0) }
        let needs = [
            (requiresSymbols, hasSymbols), (requiresNumbers, hasNumbers), (requiresCapitals, hasCapitals),
            (requiresSmallLetters, hasSmall),
        ]
        return password.unicodeScalars.count >= minimumLength && needs.allSatisfy { !$0 || $1 }
            && needs.count { $1 } >= kinds
    }
}
