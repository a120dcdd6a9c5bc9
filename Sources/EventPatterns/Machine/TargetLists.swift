/// Lists of targets under construction, linked through one array.
struct TargetLists {
    private(set) var links: [TargetLink] = []

    /// Puts a target before a list; returns the list's new head. Targets that the list begins with are not repeated.
    mutating func adding(_ target: Int32, to head: Int32) -> Int32 {
        if head >= 0, links[Int(head)].target == target { return head }
        links.append(TargetLink(target: target, next: head))
        return Int32(links.count - 1)
    }
}
