import Simulation
import Testing

@testable import Records

@Suite("Filters by seed")
struct FilterPropertyTests {
    @Test("A filter takes what it says, in any spelling", arguments: UInt64(1)...400)
    func agrees(seed: UInt64) throws {
        var maker = FilterMaker(seed: seed)
        let wish = maker.wish()
        // A batch has no time before that of its first record.
        let messages = (0..<30).map { _ in maker.message() }.sorted { $0.time < $1.time }
        let records = messages.map { message in
            FilterSample.draft(
                key: message.key, time: message.time, message.attributes.map { ($0, $1) })
        }
        let expected = messages.map { wish.holds($0) }
        let text = maker.text(wish)
        guard text.utf8.count <= FilterLimits.textSizeMax else { return }
        let read = try filter(text)
        #expect(try verdicts(read, records) == expected, "rerun with seed \(seed): \(text)")
        let again = try Filter(canonical: read.description.utf8.span)
        #expect(again.description == read.description, "rerun with seed \(seed)")
        #expect(again == read && again.requiredBits == read.requiredBits)
        #expect(try verdicts(again, records) == expected, "rerun with seed \(seed): \(again)")
    }

    @Test("What is broken by some bytes is refused at a place in it", arguments: UInt64(1)...200)
    func broken(seed: UInt64) throws {
        var maker = FilterMaker(seed: seed)
        var bytes = Array(maker.text(maker.wish()).utf8)
        let signs = Array("()[],'\"\\=<>!&|-.e0 \u{1}é".utf8)
        for _ in 0..<maker.random.number(in: 1...4) {
            bytes.insert(
                maker.random.pick(signs), at: maker.random.number(in: 0...bytes.count))
        }
        do throws(FilterError) {
            let read = try Filter(parsing: bytes.span)
            #expect(try Filter(canonical: read.description.utf8.span) == read)
        } catch {
            #expect(0...bytes.count ~= error.position, "rerun with seed \(seed)")
        }
    }

    @Test(
        "Filters that mean the same in a simple way have one text",
        arguments: [
            (["a=1", " a  = 1.0", "not a != 10e-1", "not not (a in (1))", "((a=1) )"], "a = 1"),
            (["a in('y','x',\"x\")", "a IN (\"x\", \"y\")"], "a in (\"x\", \"y\")"),
            (["not a in (1, 2)", "a not in (2, 1, 1.0)"], "a not in (1, 2)"),
            (["not (a = 1 or b < 2)", "a != 1 and not b < 2"], "a != 1 and not b < 2"),
            (
                ["(a = 1 and b = 2) and c = 3 or d = 4", "a=1 and(b=2 and c=3)or(d=4)"],
                "a = 1 and b = 2 and c = 3 or d = 4"
            ),
            (
                ["not (a = 1 and not (exists(b) or c = 3))"],
                "a != 1 or exists(b) or c = 3"
            ),
            (["a=1 and not(b=1 and c=1)"], "a = 1 and (b != 1 or c != 1)"),
            (["attr['region']='it\\'s'"], "region = \"it's\""),
            (["attr['in']='\\u{1}\\u{9}'"], "attr[\"in\"] = \"\\u{1}\\t\""),
            (
                ["time>'2026-11-21T10:00:00+01:00'"], "time > \"2026-11-21T09:00:00.000Z\""
            ),
            (
                ["a in(1e16, 1e15, 0.00001, 1e-6, 0.00000012, -0, 120)"],
                "a in (0, 1.2e-7, 0.000001, 0.00001, 120, 1000000000000000, 1e16)"
            ),
        ])
    func canonical(_ texts: [String], _ canonical: String) throws {
        for text in texts {
            #expect(try filter(text).description == canonical, "\(text)")
        }
    }

    @Test("The canonical text of the largest filters reads as the same filter")
    func largest() throws {
        let quotes = [String](repeating: "\"", count: FilterLimits.textSizeMax - 4)
        let lists = (0..<6).map { list in
            "a in(\((0..<100).map { "\($0 + list)e13" }.joined(separator: ",")))"
        }
        let number = [String](repeating: "1", count: 90).joined()
        let deep = [String](repeating: "a<1 or b<1 and(", count: FilterLimits.depthMax - 1).joined()
        let close = [String](repeating: ")", count: FilterLimits.depthMax - 1).joined()
        for text in [
            "a='\(quotes.joined())'", lists.prefix(4).joined(separator: "or "),
            "a=\(number).1e-99999", "a=0.\(number)e999999", "a=\(number)111e-99999",
            "not(\(deep)a<1 or b<1)\(close)",
        ] {
            let read = try filter(text)
            #expect(try Filter(canonical: read.description.utf8.span) == read)
        }
    }

    @Test("The page has the limits that the code has")
    func page() throws {
        let rows = try Page("filters.md").table("limit").map { ($0[0], $0[1]) }
        let known = [
            "textSizeMax": "\(FilterLimits.textSizeMax >> 10) KiB",
            "depthMax": "\(FilterLimits.depthMax)", "termsMax": "\(FilterLimits.termsMax)",
            "listMax": "\(FilterLimits.listMax)",
            "numberSizeMax": "\(FilterLimits.numberSizeMax)",
            "exponentDigitsMax": "\(FilterLimits.exponentDigitsMax)",
        ]
        #expect(Dictionary(uniqueKeysWithValues: rows) == known)
    }

    /// The bits are those of attributes that a match must have.
    @Test(
        "Only what is certain is asked of the mask",
        arguments: [
            ("a = \"1\"", true), ("a = \"1\" and b > 2", true), ("a in (\"1\")", true),
            ("b > 1 and (c = 1 and a = \"1\")", true), ("not (a != \"1\" or b = 1)", true),
            ("a = \"1\" and b = 1 or a = \"1\" and c = 1", true), ("a = 1", false),
            ("a != \"1\"", false), ("not a = \"1\"", false), ("a > \"1\"", false),
            ("key = \"1\"", false), ("prefix(a, \"1\")", false), ("exists(a)", false),
            ("a = \"1\" or b = 1", false), ("a in (\"1\", 1)", false),
            ("time = \"2026-11-21T00:00:00Z\"", false),
        ])
    func bits(_ text: String, _ isCertain: Bool) throws {
        let (name, value) = (Array("a".utf8), Array("1".utf8))
        let bits = isCertain ? attributeBits(name.span, value.span) : 0
        #expect(try filter(text).requiredBits == bits)
    }
}

@Suite("Decimals")
struct DecimalTests {
    @Test("Every number of this row is less than those behind it, and equal to its other spellings")
    func order() {
        let row: [[String]] = [
            ["-1e999999", "-10e999998"], ["-1e20"], ["-100.01"], ["-100", "-1e2", "-0100.0"],
            ["-99.9"], ["-1e-999999"], ["0", "-0", "0.00", "0e999999", "-0e-5"],
            ["1e-999999", "0.1e-999998"], ["0.000999"], ["0.001", "1e-3", "0.1E-2", "10e-4"],
            ["0.0010000000000000000000000000000001"], ["0.1", "0.10", "1e-1", "00.1"],
            ["0.3"], ["0.30000000000000004"], ["1", "1.0", "1e0", "1e+0", "10e-1"], ["1.5"],
            ["9"], ["10", "1e1"], ["10.5", "105e-1"], ["9007199254740992"], ["9007199254740993"],
            ["18446744073709551616"], ["18446744073709551617", "18446744073709551617.000"],
            ["1e999999", "0001000e999996"],
        ]
        for (place, spellings) in row.enumerated() {
            for (otherPlace, others) in row.enumerated() {
                for one in spellings {
                    for other in others {
                        let order = order(one, other)
                        #expect(order?.signum() == (place - otherPlace).signum(), "\(one) \(other)")
                    }
                }
            }
        }
    }

    private func order(_ one: String, _ other: String) -> Int? {
        let (bytes, others) = (Array("x\(one)9".utf8), Array(other.utf8))
        guard let one = Decimal(bytes.span, in: 1..<bytes.count - 1),
            let other = Decimal(others.span, in: 0..<others.count)
        else { return nil }
        return one.order(bytes.span, other, others.span)
    }

    @Test(
        "What is not all a number is none",
        arguments: [
            "", "-", "+1", ".5", "5.", "-.5", "1e", "1e+", "1e-", "1e1.5", "1 ", " 1", "0x10",
            "1_000",
            "1,5", "--1", "1e1234567", "NaN", "Infinity", "1.2.3", "1e5e5", "１",
        ])
    func none(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(Decimal(bytes.span, in: 0..<bytes.count) == nil)
    }
}
