import Bytes
import Wire

/// What a client wants to become of messages that it has, receipt by receipt.
struct SettleOrder {
    struct Item {
        let receipt: String
        let kind: GroupSettle.Kind
    }

    /// Acks, then nacks, then extends, each in the order they were given.
    var items: [Item] = []

    /// Reads the members of an object at `path` of a body, which is empty for the body itself.
    static func take(
        _ name: String, _ value: BodyObject.Value, at path: String, _ object: inout BodyObject,
        into lists: inout Lists
    ) -> Bool {
        let place = path + name
        switch name {
        case "acks": lists.acks = acks(value, place, &object)
        case "nacks":
            lists.nacks = items(value, place, &object) { nack($0, $1, &$2) }
        case "extends":
            lists.extends = items(value, place, &object) { extend($0, $1, &$2) }
        default: return false
        }
        if lists.count > PullBounds.receiptsMax {
            object.refuse(
                place, "has more than \(PullBounds.receiptsMax) receipts, with the others")
        }
        return true
    }

    struct Lists {
        var acks: [Item] = []
        var nacks: [Item] = []
        var extends: [Item] = []

        var count: Int { acks.count + nacks.count + extends.count }
        var order: SettleOrder { SettleOrder(items: acks + nacks + extends) }
    }

    private static func acks(
        _ value: BodyObject.Value, _ place: String, _ object: inout BodyObject
    ) -> [Item] {
        guard case .list(let list) = value else {
            object.refuse(place, "has to be a list of receipts")
            return []
        }
        return list.enumerated().compactMap { index, value in
            receipt(value, "\(place)/\(index)", &object).map { Item(receipt: $0, kind: .ack) }
        }
    }

    private static func items(
        _ value: BodyObject.Value, _ place: String, _ object: inout BodyObject,
        _ read: ([BodyObject.Member], String, inout BodyObject) -> Item?
    ) -> [Item] {
        guard case .list(let list) = value else {
            object.refuse(place, "has to be a list of objects")
            return []
        }
        var items: [Item] = []
        for (index, value) in list.enumerated() {
            guard case .object(let members) = value else {
                object.refuse("\(place)/\(index)", "has to be an object")
                continue
            }
            if let item = read(members, "\(place)/\(index)", &object) { items.append(item) }
        }
        return items
    }

    private static func nack(
        _ members: [BodyObject.Member], _ place: String, _ object: inout BodyObject
    ) -> Item? {
        var text: String?
        var delay: Int?
        var reason = ""
        for member in members {
            let inside = "\(place)/\(member.name)"
            switch member.name {
            case "receipt": text = receipt(member.value, inside, &object)
            case "delay":
                delay = object.duration(member.value, inside, 0...PullBounds.delayMax)
            case "reason":
                reason = label(member.value, inside, PullBounds.reasonSizeMax, &object) ?? ""
            default: object.noteUnknown(inside)
            }
        }
        return complete(text, members, place, &object).map {
            Item(receipt: $0, kind: .nack(delay: delay, reason: reason))
        }
    }

    private static func extend(
        _ members: [BodyObject.Member], _ place: String, _ object: inout BodyObject
    ) -> Item? {
        var text: String?
        var by: Int?
        for member in members {
            let inside = "\(place)/\(member.name)"
            switch member.name {
            case "receipt": text = receipt(member.value, inside, &object)
            case "by":
                by = object.duration(
                    member.value, inside, GroupBounds.leaseMin...GroupBounds.leaseMax)
            default: object.noteUnknown(inside)
            }
        }
        if !members.contains(where: { $0.name == "by" }) {
            object.refuse("\(place)/by", "has to be there")
        }
        guard let text = complete(text, members, place, &object), let by else { return nil }
        return Item(receipt: text, kind: .extend(by: by))
    }

    private static func complete(
        _ text: String?, _ members: [BodyObject.Member], _ place: String,
        _ object: inout BodyObject
    ) -> String? {
        if Set(members.map(\.name)).count < members.count {
            object.refuse(place, "has a member twice")
        }
        if !members.contains(where: { $0.name == "receipt" }) {
            object.refuse("\(place)/receipt", "has to be there")
        }
        return text
    }

    private static func receipt(
        _ value: BodyObject.Value, _ place: String, _ object: inout BodyObject
    ) -> String? {
        if case .text(let text) = value, 1...PullBounds.receiptSizeMax ~= text.unicodeScalars.count
        {
            return text
        }
        object.refuse(place, "has to be a receipt, as it was given")
        return nil
    }

    static func label(
        _ value: BodyObject.Value, _ place: String, _ sizeMax: Int, _ object: inout BodyObject
    ) -> String? {
        if case .text(let text) = value, text.unicodeScalars.count <= sizeMax { return text }
        object.refuse(place, "has to be a text of at most \(sizeMax) characters")
        return nil
    }
}

/// Reads the body of `POST /v1/groups/{group}/settle`.
enum SettleBody {
    static func read(_ body: ArraySlice<UInt8>) throws(BodyError) -> SettleOrder {
        var lists = SettleOrder.Lists()
        if body.isEmpty { return lists.order }
        var object = BodyObject(body)
        try object.read { name, value, object in
            SettleOrder.take(name, value, at: "", &object, into: &lists)
        }
        return lists.order
    }
}
