import { randomUUID } from 'node:crypto';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import type { AppendRecord } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import structs from 'google-protobuf/google/protobuf/struct_pb.js';
import type { AppendLimits } from './append-limits.ts';
import { invalidRequest, recordTooLarge, transactionTooLarge } from './detailed-error.ts';
import type { NewEvent } from './stored-event.ts';

const FORMATS = streams.SchemaFormat;
const FORMAT_NAMES: Readonly<Record<number, string>> = {
  [FORMATS.SCHEMA_FORMAT_JSON]: 'Json',
  [FORMATS.SCHEMA_FORMAT_PROTOBUF]: 'Protobuf',
  [FORMATS.SCHEMA_FORMAT_AVRO]: 'Avro',
  [FORMATS.SCHEMA_FORMAT_BYTES]: 'Bytes',
};
const SCHEMA_NAME = /^[\p{L}\p{N}_.$:-]+$/u;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * An event from a record of the second protocol. Its properties are read as metadata, with two of the server's own:
 * the schema's name, which is the event's type, and its format.
 */
export function eventOf(record: AppendRecord): NewEvent {
  const schema = record.getSchema();
  const format = FORMAT_NAMES[schema?.getFormat() ?? 0];
  const name = schema?.getName() ?? '';
  if (format === undefined) throw invalidRequest('AppendRequest', 'Schema format must not be Unspecified.');
  if (!SCHEMA_NAME.test(name) || name !== name.normalize('NFC')) {
    const rule =
      'Schema name can only contain unicode letters, digits, underscores, dashes, periods, colons, and dollar signs.';
    throw invalidRequest('AppendRequest', `${rule} Attempted Value: ${name}`);
  }
  const id = record.hasRecordId() ? (record.getRecordId() ?? '') : randomUUID();
  if (!UUID.test(id)) throw invalidRequest('AppendRequest', 'Record ID must be a valid and non-empty UUID.');
  const properties = propertiesOf(record);
  return {
    id: id.toLowerCase(),
    type: name,
    isJson: format === 'Json',
    data: record.getData_asU8(),
    metadata: Buffer.from(JSON.stringify({ ...properties, '$schema.name': name, '$schema.format': format })),
  };
}

function propertiesOf(record: AppendRecord): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  record.getPropertiesMap().forEach((value, key) => {
    if (key === '') throw invalidRequest('AppendRequest', 'Property keys must not be empty.');
    properties[key] = value.toJavaScript();
  });
  return properties;
}

/** Adds up the records of one append, and throws at the first that is too much. */
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
