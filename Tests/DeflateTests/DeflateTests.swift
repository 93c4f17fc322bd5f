import Testing

@testable import Deflate
