import Testing

@testable import Bytes
@testable import CommitLog
@testable import Coordination
@testable import Doctor
@testable import Gateway
@testable import HTTP
@testable import Kernel
@testable import Records
@testable import Settings
@testable import Storage
@testable import Telemetry
@testable import posthorn

private func size(_ bytes: Int) -> String { HumanSize.format(bytes) }
private func time(_ milliseconds: UInt64) -> String { Duration.milliseconds(milliseconds).human }
private func count(_ number: Int) -> String { "\(number)" }

private func buckets(_ bounds: HistogramBounds) -> String {
    let ends = bounds.nanoseconds
    guard let first = ends.first, let last = ends.last else { return "" }
    return "\(first / 1_000)us to \(time(last / 1_000_000)) in \(ends.count)"
}

/// Every limit that is a constant, by its name in the code and as a person writes its value.
let codeLimits: [String: String] = [
    "LogFormat.payloadSizeMax": size(LogFormat.payloadSizeMax),
    "LogFormat.roundSizeTarget": size(LogFormat.roundSizeTarget),
    "LogFormat.roundEntriesMax": count(LogFormat.roundEntriesMax),
    "LogFormat.waitingSizeMax": size(LogFormat.waitingSizeMax),
    "LogFormat.segmentCapacityMax": size(LogFormat.segmentCapacityMax),
    "LogFormat.sectionsMax": count(LogFormat.sectionsMax),
    "LogFormat.checkpointsKept": count(LogFormat.checkpointsKept),
    "FilterLimits.textSizeMax": size(FilterLimits.textSizeMax),
    "FilterLimits.canonicalSizeMax": size(FilterLimits.canonicalSizeMax),
    "FilterLimits.depthMax": count(FilterLimits.depthMax),
    "FilterLimits.termsMax": count(FilterLimits.termsMax),
    "FilterLimits.listMax": count(FilterLimits.listMax),
    "FilterLimits.numberSizeMax": count(FilterLimits.numberSizeMax),
    "FilterLimits.exponentDigitsMax": count(FilterLimits.exponentDigitsMax),
    "AlignedBuffer.sizeMax": size(AlignedBuffer.sizeMax),
    "DiskFile.zeroingPieceSize": size(DiskFile.zeroingPieceSize),
    "DiskDirectory.namesMax": count(DiskDirectory.namesMax),
    "LogLimits.spareBuffersMax": count(LogLimits().spareBuffersMax),
    "ShardLimits.reserveSize": size(ShardLimits().reserveSize),
    "ShardLimits.tailCacheSize": size(ShardLimits().tailCacheSize),
    "ShardLimits.indexSizeMax": size(ShardLimits().indexSizeMax),
    "ShardLimits.openFilesMax": count(ShardLimits().openFilesMax),
    "ShardLimits.fetchSizeMax": size(ShardLimits().fetchSizeMax),
    "ShardLimits.readSizeMax": size(ShardLimits().readSizeMax),
    "ShardLimits.watchCountMax": count(ShardLimits().watchCountMax),
    "ShardLimits.heldCountMax": count(ShardLimits().heldCountMax),
    "ShardLimits.duePerTurnMax": count(ShardLimits().duePerTurnMax),
    "ShardLimits.partsMax": count(ShardLimits().partsMax),
    "ShardLimits.checkpointBytes": size(ShardLimits().checkpointBytes),
    "CoordinatorLimits.segmentCapacity": size(CoordinatorLimits().segmentCapacity),
    "CoordinatorLimits.callsMax": count(CoordinatorLimits().callsMax),
    "TopicRules.topicsMax": count(TopicRules.topicsMax),
    "TopicRules.nameSizeMax": count(TopicRules.nameSizeMax),
    "TopicDefaults.partitionsMax": count(TopicDefaults.partitionsMax),
    "StorageSettings.shardsMax": count(StorageSettings.shardsMax),
    "Switchboard.parcelsMax": count(Switchboard.parcelsMax),
    "Switchboard.ordersMax": count(Switchboard.ordersMax),
    "DiskPlace.zeroingRate": size(DiskPlace.zeroingRate),
    "LogTime.aheadMax": time(UInt64(LogTime.aheadMax)),
    "RequestParser.methodSizeMax": count(RequestParser.methodSizeMax),
    "HTTPLimits.targetSizeMax": size(HTTPLimits().targetSizeMax),
    "HTTPLimits.fieldsSizeMax": size(HTTPLimits().fieldsSizeMax),
    "HTTPLimits.fieldCountMax": count(HTTPLimits().fieldCountMax),
    "HTTPLimits.chunkExtensionsSizeMax": size(HTTPLimits().chunkExtensionsSizeMax),
    "HTTPLimits.bodySizeMax": size(HTTPLimits().bodySizeMax),
    "HTTPTimeouts.linger": time(HTTPTimeouts().linger),
    "ChunkedDecoder.digitsMax": count(ChunkedDecoder.digitsMax),
    "ServerConnection.discardSizeMax": size(ServerConnection.discardSizeMax),
    "ServerConnection.outputPauseSize": size(ServerConnection.outputPauseSize),
    "OutputQueue.sharedSizeMin": size(OutputQueue.sharedSizeMin),
    "RequestIDs.sizeMax": count(RequestIDs.sizeMax),
    "HTTPBench.spareMax": count(HTTPBench.spareMax),
    "HTTPBench.keptCapacityMax": size(HTTPBench.keptCapacityMax),
    "Request.keptCapacityMax": size(Request.keptCapacityMax),
    "ResponseParser.reasonSizeMax": size(ResponseParser.reasonSizeMax),
    "ClientExchange.interimCountMax": count(ClientExchange.interimCountMax),
    "RequestFault.listedMax": count(RequestFault.listedMax),
    "Name.sizeMax": count(Name.sizeMax),
    "TopicBounds.partitionsMax": count(TopicBounds.partitionsMax),
    "TopicBounds.messageSizeMax": size(TopicBounds.messageSizeMax),
    "TopicBounds.retentionMin": time(UInt64(TopicBounds.retentionMin)),
    "TopicBounds.retentionMax": time(UInt64(TopicBounds.retentionMax)),
    "TopicBounds.dedupWindowMax": time(UInt64(TopicBounds.dedupWindowMax)),
    "TopicBounds.sizeMax": size(TopicBounds.sizeMax),
    "TopicDesk.waitingMax": count(TopicDesk.waitingMax),
    "TopicDesk.listLimit": count(TopicDesk.listLimit),
    "TopicDesk.listLimitMax": count(TopicDesk.listLimitMax),
    "PublishBounds.messagesMax": count(PublishBounds.messagesMax),
    "PublishBounds.delayMax": time(UInt64(PublishBounds.delayMax)),
    "PublishBounds.ttlMax": time(UInt64(PublishBounds.ttlMax)),
    "PublishBounds.idempotencyKeySizeMax": count(PublishBounds.idempotencyKeySizeMax),
    "PublishDesk.callsMax": count(PublishDesk.callsMax),
    "PublishDesk.callersMax": count(PublishDesk.callersMax),
    "PublishDesk.bytesMax": size(PublishDesk.bytesMax),
    "PublishDesk.scanPause": time(PublishDesk.scanPause),
    "PublishDesk.spareMax": count(PublishDesk.spareMax),
    "MessageText.keptCapacityMax": size(MessageText.keptCapacityMax),
    "JSONReader.depthMax": count(JSONReader.depthMax),
    "JSONWriter.depthMax": count(JSONWriter.depthMax),
    "ResponseCompressor.sizeMin": size(ResponseCompressor.sizeMin),
    "CrossOrigin.secondsMax": count(CrossOrigin.secondsMax),
    "GatewayLoop.turnedAwayMax": count(GatewayLoop.turnedAwayMax),
    "GatewayLoop.arrivalsPerTurnMax": count(GatewayLoop.arrivalsPerTurnMax),
    "Admission.wrongNamesMax": count(Admission.wrongNamesMax),
    "GatewayLoop.lastArrivalsMax": count(GatewayLoop.lastArrivalsMax),
    "GatewayLoop.readSizeMax": size(GatewayLoop.readSizeMax),
    "GatewayLoop.exhaustionPause": time(GatewayLoop.exhaustionPause),
    "GatewayLoop.logRetryPause": time(GatewayLoop.logRetryPause),
    "GatewayMetrics.placeCountMax": count(GatewayMetrics.placeCountMax),
    "GatewayMetrics.statusCountMax": count(GatewayMetrics.statusCountMax),
    "Listener.backlogMax": count(Int(Listener.backlogMax)),
    "Listener.unsentSizeMax": count(Int(Listener.unsentSizeMax)),
    "Poller.eventCountMax": count(Poller.eventCountMax),
    "Broker.descriptorReserve": count(Broker.descriptorReserve),
    "Broker.mailMax": count(Broker.mailMax),
    "SettingsSource.fileSizeMax": size(SettingsSource.fileSizeMax),
    "ServerURL.hostSizeMax": count(ServerURL.hostSizeMax),
    "LogLine.sizeMax": size(LogLine.sizeMax),
    "LogLine.valueSizeMax": size(LogLine.valueSizeMax),
    "Log.bufferSizeMax": size(Log.bufferSizeMax),
    "HistogramBounds.countMax": count(HistogramBounds.countMax),
    "HistogramBounds.requests": buckets(.requests),
    "HistogramBounds.work": buckets(.work),
    "Visit.bodySizeMax": size(Visit.bodySizeMax),
    "Examination.clockLeadMax": time(UInt64(Examination.clockLeadMax)),
]
