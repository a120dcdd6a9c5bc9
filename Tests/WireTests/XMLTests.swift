import Testing
import Wire

@Suite struct XMLTests {
    private static let documents: [(text: String, shown: String)] = [
        ("<a/>", "a"), ("<?xml version='1.0'?>\n<!-- c --><a x='1' y=\"&lt;2\">t<b/>u</a>", "a x=1 y=<2 'tu' (b)"),
        ("<p:a xmlns:p='u'><p:b>1</p:b></p:a>", "a p=u (b '1')"), ("<a><![CDATA[<&>]]></a>", "a '<&>'"),
        ("<a>&#65;&#x42;&amp;&apos;&quot;&gt;</a>", "a 'AB&'\">'"), ("<a>1\r\n2\r3</a>", "a '1\n2\n3'"),
        ("\u{FEFF}<a> </a> ", "a ' '"),
    ]

    @Test("documents are read", arguments: documents)
    func read(text: String, shown: String) throws {
        #expect(Self.show(try XMLReader.parse(Array(text.utf8))) == shown)
    }

    private static let broken: [(text: String, reason: String)] = [
        ("", "no element"), ("<a>", "not closed"), ("<a></b>", "closes"), ("</a>", "closes nothing"),
        ("<a/><b/>", "after the end"), ("x<a/>", "outside"), ("<a b/>", "needs a value"), ("<a b=c/>", "quotes"),
        ("<a b='c/>", "not closed"), ("<a>&b;</a>", "unknown entity"), ("<a>& b</a>", "begins no reference"),
        ("<a>&#0;</a>", "unknown entity"), ("<a>&#xFFFFFFFF;</a>", "unknown entity"),
        ("<!DOCTYPE a><a/>", "not allowed"), ("<a><!ENTITY b 'c'></a>", "not allowed"), ("<a><!-- ", "missing"),
        ("<a><![CDATA[ ", "missing"), ("< a/>", "name is missing"), ("<a", "name is missing"),
        (String(repeating: "<a>", count: 100), "deeper"),
    ]

    @Test("what is no XML, or more than XML should be, is refused with its place", arguments: broken)
    func refuse(text: String, reason: String) {
        #expect {
            _ = try XMLReader.parse(Array(text.utf8))
        } throws: { error in
            guard let error = error as? XMLError else { return false }
            return error.reason.contains(reason) && error.offset <= text.utf8.count
        }
    }

    @Test("elements and attributes are counted")
    func limits() {
        var limits = XMLReader.Limits()
        limits.elements = 10
        limits.attributes = 1
        let many = "<a>" + String(repeating: "<b/>", count: 10) + "</a>"
        #expect(throws: XMLError.self) { try XMLReader.parse(Array(many.utf8), limits: limits) }
        #expect(throws: XMLError.self) { try XMLReader.parse(Array("<a b='1' c='2'/>".utf8), limits: limits) }
    }

    private static func show(_ element: XMLElement) -> String {
        var parts = [element.name] + element.attributes.map { "\($0.name)=\($0.value)" }
        if !element.text.isEmpty { parts.append("'\(element.text)'") }
        parts += element.children.map { "(\(show($0)))" }
        return parts.joined(separator: " ")
    }
}
