extension BusService {
    /// Whether any rule or archive of the bus could take an event: what makes many events need not make them for nobody.
    public func hasListeners(_ key: BusKey) -> Bool {
        directory.bus(key).map { !$0.routes.isEmpty || !$0.collectors.isEmpty } ?? false
    }
}
