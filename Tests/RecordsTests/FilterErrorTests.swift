import Testing

@testable import Records

/// Repeats `unit` with commas, or what else is between.
private func row(_ unit: String, _ count: Int, _ separator: String = ", ") -> String {
    [String](repeating: unit, count: count).joined(separator: separator)
}

@Suite("What is no filter")
struct FilterErrorTests {
    typealias Row = (text: String, reason: FilterError.Reason, position: Int, character: Int)

    static let rows: [Row] = [
        ("", .expected(.condition), 0, 1), ("  ", .expected(.condition), 2, 3),
        ("region", .expected(.comparison), 6, 7), ("region =", .expected(.value), 8, 9),
        ("region = eu", .expected(.value), 9, 10), ("paid = true", .expected(.value), 7, 8),
        ("= 1", .expected(.condition), 0, 1), ("\"a\" = 1", .expected(.condition), 0, 1),
        ("1 < a", .expected(.condition), 0, 1), ("and a = 1", .expected(.condition), 0, 1),
        ("and $", .expected(.condition), 0, 1), ("in in (1)", .expected(.condition), 0, 1),
        ("a = 1 b = 2", .expected(.nextCondition), 6, 7),
        ("a = 1)", .expected(.nextCondition), 5, 6),
        ("a = 1 and", .expected(.condition), 9, 10), ("a = 1 or or", .expected(.condition), 9, 10),
        ("not", .expected(.condition), 3, 4), ("not not )", .expected(.condition), 8, 9),
        ("(a = 1", .expected(.endOfGroup), 6, 7), ("(a = 1 b", .expected(.endOfGroup), 7, 8),
        ("()", .expected(.condition), 1, 2), ("(a) = 1", .expected(.comparison), 2, 3),
        ("a not 1", .expected(.in), 6, 7), ("a not", .expected(.in), 5, 6),
        ("a in 1", .expected(.parenthesis), 5, 6), ("a in ()", .expected(.value), 6, 7),
        ("a in (1 2)", .expected(.nextOfList), 8, 9), ("a in (1,)", .expected(.value), 8, 9),
        ("a in (b)", .expected(.value), 6, 7), ("a in (1", .expected(.nextOfList), 7, 8),
        ("exists()", .expected(.name), 7, 8), ("exists(\"a\")", .expected(.name), 7, 8),
        ("exists(a", .expected(.endOfArguments), 8, 9), ("exists(not)", .expected(.name), 7, 8),
        ("exists(a, 1)", .expected(.endOfArguments), 8, 9),
        ("prefix(a)", .expected(.comma), 8, 9), ("prefix(a, 1)", .expected(.text), 10, 11),
        ("prefix(a, \"b\"", .expected(.endOfArguments), 13, 14),
        ("exists(time)", .notAboutTime, 7, 8), ("prefix(time, \"2\")", .notAboutTime, 7, 8),
        ("contains(a, \"b\")", .unknownFunction, 0, 1), ("key (a)", .expected(.comparison), 4, 5),
        ("time > 5", .expected(.time), 7, 8), ("time in (5)", .expected(.time), 9, 10),
        ("time > \"yesterday\"", .badTime, 7, 8), ("time = \"2026-11-21\"", .badTime, 7, 8),
        ("time = \"2026-11-21T00:00:00.0001Z\"", .badTime, 7, 8),
        ("attr[a] = 1", .expected(.text), 5, 6), ("attr[\"a\" = 1", .expected(.endOfName), 9, 10),
        ("attr[\"\"] = 1", .emptyName, 5, 6), ("a[\"b\"] = 1", .expected(.comparison), 1, 2),
        ("a = 2fa", .badNumber, 4, 5), ("2fa = 1", .expected(.condition), 0, 1),
        ("a = -", .badNumber, 4, 5), ("a = 1.", .badNumber, 4, 5), ("a = 1e", .badNumber, 4, 5),
        ("a = 1e+", .badNumber, 4, 5), ("a = 1.2.3", .badNumber, 4, 5),
        ("a = 1e1234567", .badNumber, 4, 5), ("a = --1", .badNumber, 4, 5),
        ("a = 1and b = 2", .badNumber, 4, 5), ("a = .5", .unexpectedCharacter, 4, 5),
        ("a = +5", .unexpectedCharacter, 4, 5),
        ("a == 1", .useInstead(.equal), 2, 3), ("a <> 1", .useInstead(.unequal), 2, 3),
        ("a = 1 && b = 1", .useInstead(.and), 6, 7), ("a = 1 || b = 1", .useInstead(.or), 6, 7),
        ("!exists(a)", .useInstead(.not), 0, 1), ("a = 1;", .unexpectedCharacter, 5, 6),
        ("größe = 1", .unexpectedCharacter, 2, 3),
        ("a = \"größe\" ö", .unexpectedCharacter, 14, 13),
        ("a = \"b", .openText, 4, 5), ("a = 'b\"", .openText, 4, 5),
        ("a = \"b\\\"", .openText, 4, 5),
        ("a = \"b\\", .openText, 4, 5), ("a = \"é\tb\"", .controlCharacter, 7, 7),
        ("a = \"é\\x\"", .badEscape, 7, 7), ("a = \"\\u{}\"", .badEscape, 5, 6),
        ("a = \"\\u{110000}\"", .badEscape, 5, 6), ("a = \"\\u{d800}\"", .badEscape, 5, 6),
        ("a = \"\\u{0000041}\"", .badEscape, 5, 6), ("a = \"\\u{41\"", .badEscape, 5, 6),
        ("a = \"\\u0041\"", .badEscape, 5, 6), ("a = \"\\é\"", .badEscape, 5, 6),
        ("\0", .unexpectedCharacter, 0, 1),
    ]

    @Test("An error says at what character, and what was expected", arguments: rows)
    func table(_ row: Row) {
        #expect(throws: FilterError.self) { try filter(row.text) }
        do throws(FilterError) {
            _ = try filter(row.text)
        } catch {
            #expect(error.reason == row.reason, "\(row.text)")
            #expect(error.position == row.position && error.character == row.character)
            #expect(error.message.hasPrefix("at character \(row.character): "))
        }
    }

    static let limits: [(within: String, beyond: String, reason: FilterError.Reason, at: Int)] = {
        let depth = FilterLimits.depthMax
        let (open, close) = (row("(", depth, ""), row(")", depth, ""))
        let name = row("n", RecordLimits.attributeNameSizeMax, "")
        let digits = row("1", FilterLimits.numberSizeMax, "")
        let room = row("x", FilterLimits.textSizeMax - 7, "")
        let terms = row("a=1", FilterLimits.termsMax, " or ")
        return [
            ("\(open)a=1\(close)", "\(open)(a=1)\(close)", .tooDeep(limit: depth), depth),
            (terms, "\(terms) or a=1", .tooManyTerms(limit: 100), terms.utf8.count + 4),
            (
                "a in (\(row("1", 100)))", "a in (\(row("1", 101)))", .listTooLong(limit: 100),
                6 + 100 * 3
            ),
            ("\(name)=1", "\(name)n=1", .nameTooLong(limit: 200), 0),
            ("attr['\(name)']=1", "attr['\(name)n']=1", .nameTooLong(limit: 200), 5),
            ("a = \(digits)", "a = \(digits)1", .badNumber, 4),
            ("a = 1e999999", "a = 1e9999991", .badNumber, 4),
            ("abcd='\(room)'", "abcd='\(room)x'", .tooLong(limit: 4_096), 4_096),
            ("abcd='\(room)'", "abcd='\(room)é'", .tooLong(limit: 4_096), 4_095),
        ]
    }()

    @Test("A limit is reached, and not passed", arguments: limits.indices)
    func limit(_ index: Int) throws {
        let row = Self.limits[index]
        _ = try filter(row.within)
        do throws(FilterError) {
            _ = try filter(row.beyond)
            Issue.record("a limit was passed")
        } catch {
            #expect(error.reason == row.reason)
            #expect(error.position == row.at)
        }
    }

    @Test("What is not UTF-8 is refused where it begins")
    func notUTF8() {
        for (bytes, position, character) in [
            ([0x61, 0xFF], 1, 2), ([0xC3, 0xA9, 0xC3], 2, 2), ([0x80], 0, 1),
        ] as [([UInt8], Int, Int)] {
            do throws(FilterError) {
                _ = try Filter(parsing: bytes.span)
                Issue.record("\(bytes) was read")
            } catch {
                #expect(error.reason == .notUTF8)
                #expect(error.position == position && error.character == character)
            }
        }
    }

    @Test("A filter cut at any byte is read, or refused at a place in it")
    func cuts() {
        for text in FilterTests.rows.map(\.0) + Self.rows.map(\.text) {
            let bytes = Array(text.utf8)
            for end in bytes.indices {
                do throws(FilterError) {
                    _ = try Filter(parsing: bytes.span.extracting(..<end))
                } catch {
                    #expect(0...end ~= error.position && 1...end + 1 ~= error.character)
                }
            }
        }
    }
}
