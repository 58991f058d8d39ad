import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import type { AppendRecord } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import structs from 'google-protobuf/google/protobuf/struct_pb.js';
import type { AppendLimits } from './append-limits.ts';
import { recordTooLarge, transactionTooLarge } from './detailed-error.ts';
import type { NewEvent } from './stored-event.ts';

/**
 * Returns the event of a record of the second protocol. Its properties become metadata, except two of the server's own:
 * the name of the schema, which is the event's type, and its format.
 */
export function eventOf(record: AppendRecord): NewEvent {
  const isJson = record.getSchema()?.getFormat() === streams.SchemaFormat.SCHEMA_FORMAT_JSON;
  const name = record.getSchema()?.getName() ?? '';
  const properties = propertiesOf(record);
  return {
    id: record.getRecordId() ?? '',
    type: name,
    isJson,
    data: record.getData_asU8(),
    metadata: Buffer.from(
      JSON.stringify({ ...properties, '$schema.name': name, '$schema.format': isJson ? 'Json' : 'Bytes' }),
    ),
  };
}

function propertiesOf(record: AppendRecord): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  record.getPropertiesMap().forEach((value, key) => {
    properties[key] = value.toJavaScript();
  });
  return properties;
}

/** Returns a function that adds up the records of one append, and throws at the first one beyond the limit. */
export function recordCounter({
  append,
  event: recordLimit,
}: AppendLimits): (stream: string, event: NewEvent, record: AppendRecord) => void {
  let total = 0;
  let records = 0;
  return (stream, { id, type }, record) => {
    const size = record.getData_asU8().length + propertiesSize(record) + Buffer.byteLength(type);
    if (size > recordLimit) throw recordTooLarge(stream, id, size, recordLimit);
    total += size;
    records += 1;
    if (total > append) throw transactionTooLarge(records, total, append);
  };
}

function propertiesSize(record: AppendRecord): number {
  const struct = new structs.Struct();
  record.getPropertiesMap().forEach((value, key) => struct.getFieldsMap().set(key, value));
  return struct.serializeBinary().length;
}
