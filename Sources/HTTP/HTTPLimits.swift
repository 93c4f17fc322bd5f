/// The bounds of one HTTP/1.1 connection, each listed in docs/limits.md.
package struct HTTPLimits: Equatable, Sendable {
    /// The request target as it stands on the request line (414 beyond).
    @Small package var targetSizeMax = 8 << 10
    /// All field lines of a head together, and all trailers of a body together (431 beyond).
    @Small package var fieldsSizeMax = 64 << 10
    /// Field lines of a head, and of a trailer section (431 beyond).
    @Small package var fieldCountMax = 100
    /// Chunk extensions of one body together: they are read and dropped (400 beyond).
    @Small package var chunkExtensionsSizeMax = 16 << 10
    /// A body as it travels, and the same again after its content coding is undone (413 beyond).
    @Small package var bodySizeMax = 8 << 20

    package init() {}
}
