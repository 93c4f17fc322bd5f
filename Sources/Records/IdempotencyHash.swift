package import Bytes

/// The hash that a record has in the directory for its Idempotency-Key.
///
/// Keyed, so that no client finds two that are alike. `index` is the number of the message among
/// those that were published with the same Idempotency-Key: the parts of a batch are records apart.
/// The topic is no part of it: each has a window of its own, and one that is made anew while a publish
/// is on its way has another number.
package func idempotencyHash(key: SipKey, name: Span<UInt8>, index: UInt32) -> UInt64 {
    // What has a fixed size stands first, so that no two requests have the same bytes.
    var hash = SipHash(key: key)
    hash.update(littleEndian: index)
    hash.update(name)
    return hash.value
}
