import Core
import Wire

/// Writes JSON as `application/x-www-form-urlencoded`: `metadata[key]=value&list[0]=a`.
struct FormEncoding {
    /// How the elements of a list are named.
    enum ArrayFormat: String {
        /// `list[0]=a&list[1]=b`
        case indices = "INDICES"
        /// `list=a&list=b`
        case `repeat` = "REPEAT"
        /// `list=a,b`
        case commas = "COMMAS"
        /// `list[]=a&list[]=b`
        case brackets = "BRACKETS"
    }

    let format: ArrayFormat

    func encode(_ object: JSONObject) -> String {
        var pairs: [String] = []
        for (name, value) in object { append(value, named: name, to: &pairs) }
        return pairs.joined(separator: "&")
    }

    /// The depth of parameters is bounded by the parser of JSON.
    private func append(_ value: JSON, named name: String, to pairs: inout [String]) {
        switch value {
        case .object(let object):
            for (member, value) in object { append(value, named: "\(name)[\(member)]", to: &pairs) }
        case .array(let elements):
            if format == .commas {
                let list = elements.map { PercentCoding.encode(Self.text($0)) }.joined(separator: ",")
                pairs.append("\(PercentCoding.encode(name))=\(list)")
                return
            }
            for (index, element) in elements.enumerated() {
                append(element, named: name + suffix(index), to: &pairs)
            }
        default: pairs.append("\(PercentCoding.encode(name))=\(PercentCoding.encode(Self.text(value)))")
        }
    }

    private func suffix(_ index: Int) -> String {
        switch format {
        case .indices: "[\(index)]"
        case .brackets: "[]"
        case .repeat, .commas: ""
        }
    }

    private static func text(_ value: JSON) -> String {
        value.isNull ? "" : value.stringValue ?? value.text()
    }
}
