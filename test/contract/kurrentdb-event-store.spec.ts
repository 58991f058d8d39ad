import { afterAll } from '@jest/globals';
import {
  binaryEvent,
  jsonEvent,
  KurrentDBClient,
  NO_STREAM,
  streamNameFilter,
} from '@kurrent/kurrentdb-client';
import { randomUUID } from 'node:crypto';
import type { Envelope } from '#event-sourcing/envelope';
import { StreamNames } from '#event-store/kurrentdb/stream-names';
import { parseKurrentdbAddress } from '#event-store/kurrentdb/address';
import { untilTrue } from '../support/event-streams.ts';
import { hasKurrentdb, isRealKurrentdb, needDouble } from '../support/journey-store.ts';
import { KurrentdbServer } from '../support/kurrentdb/server.ts';
import { freshKurrentdbAddress, kurrentdbUrl, openKurrentdbStoreAt } from '../support/kurrentdb-stores.ts';
import { eventStoreContract, KEYED } from './event-store.contract.ts';

type Tamper = (client: KurrentDBClient, names: StreamNames, event: Envelope) => Promise<unknown>;

const copyTo = (
  client: KurrentDBClient,
  name: string,
  { position: _, ...event }: Envelope,
  more: Partial<Pick<Parameters<typeof jsonEvent>[0], 'id' | 'type' | 'metadata'>> = {},
) =>
  client.appendToStream(name, jsonEvent({ id: randomUUID(), type: event.type, data: { ...event }, ...more }));

/**
 * The kinds of tampering by a person with a login, on a server where stored events never change. `event` is the last of
 * `s-1`.
 */
const TAMPERINGS: Readonly<Record<string, readonly [tamper: Tamper, report: RegExp]>> = {
  'an event in another stream': [
    (client, names, event) => copyTo(client, names.eventsOf('s-2'), event),
    /s-2 v2 index: reads find it by the stream "[^"]*s-2", but it contains "[^"]*s-1"/,
  ],
  'an event at another version': [
    (client, names, event) => copyTo(client, names.eventsOf('s-1'), event),
    /s-1 v4 index: .*version 4, but it contains 3/,
  ],
  'another event id': [
    (client, names, event) => copyTo(client, names.eventsOf('s-1'), event),
    /s-1 v4 index: .*event id/,
  ],
  'another type': [
    (client, names, event) => copyTo(client, names.eventsOf('s-1'), event, { type: 'Other' }),
    /s-1 v4 index: .*type "Other"/,
  ],
  'another correlation': [
    (client, names, event) =>
      copyTo(client, names.eventsOf('s-1'), event, { metadata: { $correlationId: 'other' } }),
    /s-1 v4 index: .*correlation "other"/,
  ],
  'an invalid causation': [
    (client, names, event) =>
      copyTo(client, names.eventsOf('s-1'), event, { metadata: { $causationId: 'x' } }),
    /s-1 v4 index: .*causation "x"/,
  ],
  'data that is not an event': [
    (client, names) => client.appendToStream(names.eventsOf('s-1'), jsonEvent({ type: 'Other', data: {} })),
    /s-1 v4 unreadable: it is not an event/,
  ],
  'data that is not JSON': [
    (client, names) =>
      client.appendToStream(
        names.eventsOf('s-1'),
        binaryEvent({ type: 'Other', data: Buffer.from('\0\0\0') }),
      ),
    /s-1 v4 unreadable/,
  ],
  'a truncated stream': [
    (client, names) => client.setStreamMetadata(names.eventsOf('s-1'), { truncateBefore: 2 }),
    /null s-1 vnull index: metadata of .* hides its records from reads: \$tb/,
  ],
  'a deleted stream': [
    (client, names) => client.deleteStream(names.eventsOf('s-2')),
    /null s-2 vnull index: metadata of .* hides/,
  ],
  'a tombstoned stream': [
    (client, names) => client.tombstoneStream(names.eventsOf('s-2')),
    /s-2 v\d+ unreadable/,
  ],
  'hidden entries of a command': [
    (client, names) => client.setStreamMetadata(names.command(KEYED[0]), { maxCount: 1 }),
    /index: metadata of .*command.* hides/,
  ],
  'an unlisted keyed command': [
    async (client, names, { position: _, ...event }) => {
      const command = { ...event.command, id: randomUUID() };
      await copyTo(client, names.eventsOf('s-9'), { ...event, command, position: '' });
    },
    /s-9 v1 index: its keyed command .* cannot be found/,
  ],
  'values that were replaced': [
    async (client, names) => {
      const records = client.readAll({ filter: streamNameFilter({ prefixes: [names.values] }) });
      for await (const { event: record } of records) {
        if (record === undefined) continue;
        await client.appendToStream(record.streamId, jsonEvent({ type: 'Values', data: {} }));
        return;
      }
    },
    /index: values of .* were replaced/,
  ],
  'a list of a command’s events that is none': [
    (client, names) => client.appendToStream(names.command(KEYED[0]), jsonEvent({ type: 'Other', data: {} })),
    /index: an entry of a command .* cannot be read/,
  ],
};

/** A separate server, because appends are delayed on it; none if `KURRENTDB_URL` is set to a real one. */
let kurrentdb: KurrentdbServer | null | undefined;

afterAll(() => kurrentdb?.stop());

eventStoreContract({
  name: isRealKurrentdb() ? 'KurrentDB' : 'the KurrentDB protocol server',
  shared: true,
  // The double is slow: half of the time of all cases was spent on the longer one.
  tamperings: Object.fromEntries(Object.entries(TAMPERINGS).map(([kind, [, report]]) => [kind, report])),
  isOlder: !hasKurrentdb('25.1'),
  makePlace: async () => {
    kurrentdb ??= isRealKurrentdb() ? null : await KurrentdbServer.start();
    const address = freshKurrentdbAddress(kurrentdb?.url ?? (await kurrentdbUrl()));
    return {
      open: (options) => openKurrentdbStoreAt(address, options),
      tamper: async (kind) => {
        const { connectionString, prefix } = parseKurrentdbAddress(address);
        const client = KurrentDBClient.connectionString(connectionString);
        const store = await openKurrentdbStoreAt(address);
        const last = (await store.readStream('s-1')).at(-1)!;
        await store.close();
        await TAMPERINGS[kind]?.[0](client, new StreamNames(prefix), last);
        await client.dispose();
      },
      pauseAppend: async (event) => {
        needDouble();
        const { connectionString, prefix } = parseKurrentdbAddress(address);
        const client = KurrentDBClient.connectionString(connectionString);
        const server = kurrentdb!;
        server.arm('pauseAppends', { calls: 1 });
        const record = jsonEvent({ id: event.eventId, type: event.type, data: { ...event } });
        const answer = client.appendToStream(`${prefix}.${event.streamId}`, record, {
          streamState: NO_STREAM,
        });
        await untilTrue(() => server.faults.waiting === 1);
        const end = (how: 'commit' | 'rollBack') => async () => {
          server.faults.release(how);
          await Promise.allSettled([answer]);
          await client.dispose();
        };
        return { othersWait: false, commit: end('commit'), rollBack: end('rollBack') };
      },
    };
  },
});
