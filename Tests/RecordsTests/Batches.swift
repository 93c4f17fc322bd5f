import Simulation
import Testing

@testable import Records

/// Encodes records that have to fit into one batch.
func encode(
    _ records: [RecordDraft], _ compression: Compression, builder: BatchBuilder = BatchBuilder()
) throws -> [UInt8] {
    var builder = builder
    var compressor = BatchCompressor()
    for record in records { #expect(try builder.append(record)) }
    return builder.encode(compression, with: &compressor)
}

/// All records of a batch, as they went into it.
func decode(_ batch: [UInt8]) throws(RecordsError) -> [RecordDraft] {
    var reader = BatchReader()
    try reader.open(batch)
    var records: [RecordDraft] = []
    while let record = try reader.nextRecord() {
        records.append(record.draft(reader.bytes, reader.entry(record.index)))
    }
    return records
}

/// The same records without times, which a batch does not keep when a clock goes back.
func timeless(_ records: [RecordDraft]) -> [RecordDraft] {
    records.map { record in
        var record = record
        record.time = 0
        return record
    }
}
