import operations from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/operations_grpc_pb.js';
import features from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js';
import type { SupportedMethods } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js';
import featuresService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_grpc_pb.js';
import streamsService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js';
import newStreamsService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_grpc_pb.js';

/** The simulated versions: without the second protocol, with `AppendSession`, and also with `AppendRecords`. */
export const VERSIONS = ['24.10.0', '25.1.0', '26.1.0'] as const;
export type Version = (typeof VERSIONS)[number];

export const hasAppendSession = (version: Version): boolean => version !== '24.10.0';
export const hasAppendRecords = (version: Version): boolean => version === '26.1.0';

const FEATURES: Readonly<Record<string, readonly string[]>> = {
  '/event_store.client.streams.Streams/Read': ['position', 'events'],
  '/event_store.client.streams.Streams/BatchAppend': ['deadline_duration'],
};

/** Returns the features that the server announces. */
export function supportedMethods(version: Version): SupportedMethods {
  const { appendSession, appendRecords } = newStreamsService.StreamsServiceService;
  const paths = [
    ...Object.values(streamsService.StreamsService),
    ...Object.values(featuresService.ServerFeaturesService),
    operations.OperationsService.startScavenge,
    ...(hasAppendSession(version) ? [appendSession] : []),
    ...(hasAppendRecords(version) ? [appendRecords] : []),
  ].map(({ path }: { path: string }) => path);
  const message = new features.SupportedMethods();
  message.setEventStoreServerVersion(version);
  for (const path of paths) {
    const [, service = '', name = ''] = path.split('/');
    const method = new features.SupportedMethod();
    method.setServiceName(service.toLowerCase());
    method.setMethodName(name.toLowerCase());
    method.setFeaturesList([...(FEATURES[path] ?? [])]);
    message.addMethods(method);
  }
  return message;
}
