// What clients are made from: the files of openapi/, which are a part of the program, so that a
// server and its contract are never of two versions.

internal import CContract

/// The OpenAPI file, as it stands in the source.
package enum Contract {
    package static let yaml = unsafe bytes(contract_yaml, contract_yaml_size)
    package static let json = unsafe bytes(contract_json, contract_json_size)

    private static func bytes(_ start: UnsafePointer<UInt8>, _ count: Int) -> [UInt8] {
        // Constants of the program, which has as many of them as the compiler counted.
        unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }
}
