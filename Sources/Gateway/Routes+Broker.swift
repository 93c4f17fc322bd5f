import HTTP

extension Routes {
    private static let json = ["application/json"]
    /// JSON, and what `curl -d` calls a body of which it was told nothing.
    private static let jsonOrForm = ["application/json", "application/x-www-form-urlencoded"]

    /// The options of a publish; those that are not offered are refused by name.
    private static let publishOptions = FieldSet([
        .posthornDelay, .posthornDeliverAt, .posthornDurability, .posthornKey, .posthornPartition,
        .posthornProducer, .posthornTransaction, .posthornTTL, .attribute,
    ])

    /// What needs storage.
    package static let broker = topics + groups

    /// Groups, and work on their messages.
    private static let groups: [Route] = [
        Route(
            path: "/v1/groups", method: .get, operation: .listGroups, produces: json,
            parameters: ["after", "limit"]),
        Route(
            path: "/v1/groups/{group}", method: .put, operation: .putGroup, produces: json,
            body: .optional(types: jsonOrForm)),
        Route(
            path: "/v1/groups/{group}", method: .get, operation: .getGroup, produces: json),
        Route(
            path: "/v1/groups/{group}", method: .delete, operation: .deleteGroup, produces: json),
        Route(
            path: "/v1/groups/{group}/pull", method: .post, operation: .pull,
            produces: PullFormat.produces, body: .optional(types: jsonOrForm),
            parameters: PullOrder.parameters),
        Route(
            path: "/v1/groups/{group}/settle", method: .post, operation: .settle, produces: json,
            body: .needed(types: jsonOrForm)),
        Route(
            path: "/v1/groups/{group}/seek", method: .post, operation: .seekGroup, produces: json,
            body: .needed(types: jsonOrForm)),
        Route(
            path: "/v1/groups/{group}/redrive", method: .post, operation: .redriveGroup,
            produces: json, body: .needed(types: jsonOrForm)),
        Route(
            path: "/v1/groups/{group}/dead", method: .get, operation: .listDeadLetters,
            produces: json, parameters: ["topic", "after", "limit"]),
    ]

    /// Topics, publishing to them, and reading them.
    private static let topics: [Route] = [
        Route(
            path: "/v1/topics", method: .get, operation: .listTopics, produces: json,
            parameters: ["after", "limit"]),
        Route(
            path: "/v1/topics/{topic}", method: .put, operation: .putTopic, produces: json,
            body: .optional(types: jsonOrForm)),
        Route(
            path: "/v1/topics/{topic}", method: .get, operation: .getTopic, produces: json),
        Route(
            path: "/v1/topics/{topic}", method: .delete, operation: .deleteTopic, produces: json,
            parameters: ["confirm"]),
        Route(
            path: "/v1/topics/{topic}/messages", method: .post, operation: .publishMessage,
            produces: json, body: .needed(types: []),
            parameters: [
                "key", "partition", "delay", "deliver_at", "ttl", "durability",
                .prefixed(AttributeReader.parameterPrefix),
            ], options: publishOptions),
        Route(
            path: "/v1/topics/{topic}/batches", method: .post, operation: .publishBatch,
            produces: json, body: .needed(types: BatchOrder.Form.types),
            parameters: ["durability"], options: publishOptions),
        Route(
            path: "/v1/topics/{topic}/messages", method: .get, operation: .readMessages,
            produces: ReadFormat.produces, parameters: ReadOptions.parameters),
        Route(
            path: "/v1/topics/{topic}/messages/{id}", method: .get, operation: .getMessage,
            produces: ReadFormat.producesOne),
    ]
}
