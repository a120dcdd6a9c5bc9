import Gateway
import Services

extension FunctionURLRoute: HTTPRoute {}

extension ArchiveRoute: HTTPRoute {}
