import Simulation
import Testing

@testable import Records

/// Two messages that the tables ask about; one has little.
enum FilterSample {
    static let full = draft(
        key: "customer-17", time: 1_700_000_000_123,
        [
            ("region", "eu-west"), ("total", "100.50"), ("count", "007"), ("empty", ""),
            ("größe", "schön"), ("time", "noon"), ("2fa", "yes"), ("big", "1e999999"),
            ("quote", "say \"hi\""), ("lines", "a\nb"), ("twice", "one"), ("twice", "two"),
            ("And", "reserved"), ("almost", "100 EUR"), ("x-y.z_1", "1"), ("exists", "e"),
        ])
    static let bare = draft(key: nil, time: 0, [])

    static func draft(
        key: String?, time: UInt64, _ attributes: [(String, String)]
    ) -> RecordDraft {
        var record = RecordDraft(time: time, body: [])
        record.key = key.map { Array($0.utf8)[...] }
        record.attributes = attributes.map {
            RecordAttribute(name: Array($0.utf8)[...], value: Array($1.utf8)[...])
        }
        return record
    }
}

func filter(_ text: String) throws(FilterError) -> Filter {
    try Filter(parsing: text.utf8.span)
}

/// What the filter says of each record, as encoded; and the mask never contradicts it.
func verdicts(_ filter: Filter, _ records: [RecordDraft]) throws -> [Bool] {
    var reader = BatchReader()
    try reader.open(try encode(records, .none))
    var verdicts: [Bool] = []
    while let record = try reader.nextRecord() {
        let isMatch = filter.matches(record, in: reader.bytes.span)
        let mask = reader.entry(record.index).attributeMask
        let isPossible = mask & filter.requiredBits == filter.requiredBits
        #expect(isPossible || !isMatch, "the mask rejects what \(filter) matches")
        verdicts.append(isMatch)
    }
    return verdicts
}

@Suite("Filters")
struct FilterTests {
    /// A filter, and whether it matches the full message and the bare one.
    static let rows: [(String, Bool, Bool)] = [
        ("region = \"eu-west\"", true, false), ("region = 'eu-west'", true, false),
        ("region = \"eu\"", false, false), ("region != \"eu\"", true, true),
        ("not region = \"eu\"", true, true), ("region != \"eu-west\"", false, true),
        ("exists(region) and region != \"eu\"", true, false),
        ("exists(empty)", true, false), ("empty = \"\"", true, false), ("empty = 0", false, false),
        ("exists(nothing)", false, false), ("not exists(nothing)", true, true),
        ("nothing = \"\"", false, false), ("nothing < 1 or nothing >= 1", false, false),
        ("prefix(region, \"eu-\")", true, false), ("prefix(region, \"\")", true, false),
        ("prefix(region, \"eu-west-1\")", false, false), ("prefix(total, \"100\")", true, false),
        ("region > \"eu\"", true, false), ("region < \"eu-wesu\"", true, false),
        ("region >= \"eu-west\" and region <= \"eu-west\"", true, false),
        ("region > \"eu-west\" or region < \"eu-west\"", false, false),
        ("true = \"x\" or null = \"x\"", false, false),
        ("total = 100.5", true, false), ("total = \"100.5\"", false, false),
        ("total = \"100.50\"", true, false), ("total = 1005e-1", true, false),
        ("total > 100.4999999999999999999999", true, false), ("total > 100.5", false, false),
        ("total < 1e3", true, false), ("total < -1e3", false, false),
        ("total >= 100.5 and total <= 0100.500", true, false), ("total != 100.5", false, true),
        ("count = 7", true, false), ("count = \"7\"", false, false), ("count < 10", true, false),
        ("count < \"10\"", true, false), ("almost = 100", false, false),
        ("almost != 100", true, true), ("not almost < 1e9", true, true),
        ("region < 5", false, false),
        ("big > 9e999998", true, false), ("big = 10e999998", true, false),
        ("region in (\"us\", 'eu-west')", true, false), ("region in ('us')", false, false),
        ("region not in (\"us\", \"ca\")", true, true),
        ("region not in (\"us\", \"eu-west\")", false, true),
        ("total in (1, \"100\", 100.5)", true, false), ("total in (\"1\", 2)", false, false),
        ("key = \"customer-17\"", true, false), ("KEY != \"customer-17\"", false, true),
        ("prefix(key, \"customer-\")", true, false), ("exists(key)", true, false),
        ("key in (\"a\", \"customer-17\")", true, false), ("key = 17", false, false),
        ("time >= \"2023-11-14T22:13:20.123Z\"", true, false),
        ("time > \"2023-11-14T23:13:20.123+01:00\"", false, false),
        ("time < \"1970-01-01T00:00:00.001Z\"", false, true),
        ("time > \"1969-12-31T23:59:59Z\"", true, true),
        ("time != '2023-11-14T22:13:20.123Z'", false, true),
        ("time in ('1970-01-01T00:00:00Z', '1980-01-01T00:00:00Z')", false, true),
        ("attr[\"time\"] = \"noon\"", true, false), ("attr['2fa']=\"yes\"", true, false),
        ("attr [ 'gr\\u{f6}ße' ] != \"schön\"", false, true),
        ("attr ['gr\\u{f6}\\u{00DF}e'] = \"sch\\u{0000F6}n\"", true, false),
        ("ATTR[\"And\"] = \"reserved\"", true, false),
        ("attr[\"and\"] = \"reserved\"", false, false),
        ("attr = \"x\" or exists(attr)", false, false), ("exists = 'e'", true, false),
        ("exists(exists)", true, false), ("exists in ('e') and prefix != '1'", true, false),
        ("quote = \"say \\\"hi\\\"\"", true, false), ("quote = 'say \"hi\"'", true, false),
        ("lines = \"a\\nb\"", true, false), ("lines = 'a\\u{a}b'", true, false),
        ("twice = \"one\"", true, false), ("twice = \"two\"", false, false),
        ("x-y.z_1 = 1", true, false), ("Region = \"eu-west\"", false, false),
        ("total>=100 and(region='eu')or(key='k')", false, false),
        ("\t(total\n>=\r100) AND(Prefix(region,'eu'))", true, false),
        ("not not exists(region)", true, false),
        ("not (exists(region) and exists(key))", false, true),
        ("not (exists(region) or exists(nothing))", false, true),
        ("exists(key) or exists(a) and exists(b)", true, false),
        ("(exists(key) or exists(a)) and exists(b)", false, false),
        ("not exists(key) or exists(region)", true, true),
        ("not (exists(key) or exists(region) and not exists(total))", false, true),
    ]

    @Test("What a filter takes", arguments: rows)
    func table(_ text: String, _ full: Bool, _ bare: Bool) throws {
        let read = try filter(text)
        #expect(try verdicts(read, [FilterSample.full]) == [full])
        #expect(try verdicts(read, [FilterSample.bare]) == [bare])
    }
}
