import { afterAll } from '@jest/globals';
import { jsonEvent, KurrentDBClient, NO_STREAM } from '@kurrent/kurrentdb-client';
import { parseKurrentdbAddress } from '../../libs/event-store/src/kurrentdb/address.ts';
import { untilTrue } from '../support/event-streams.ts';
import { startKurrentdbServer } from '../support/kurrentdb/start.ts';
import type { KurrentdbServer } from '../support/kurrentdb/start.ts';
import {
  freshKurrentdbAddress,
  isRealKurrentdb,
  kurrentdbUrl,
  openKurrentdbStoreAt,
} from '../support/kurrentdb-stores.ts';
import { eventStoreContract } from './event-store.contract.ts';

/** A server of its own, since appends are held on it; none where `KURRENTDB_URL` names a real one. */
let kurrentdb: KurrentdbServer | null | undefined;

afterAll(() => kurrentdb?.stop());

eventStoreContract({
  name: isRealKurrentdb() ? 'KurrentDB' : 'the KurrentDB protocol server',
  shared: true,
  holds: !isRealKurrentdb(),
  makePlace: async () => {
    kurrentdb ??= isRealKurrentdb() ? null : await startKurrentdbServer();
    const address = freshKurrentdbAddress(kurrentdb?.url ?? (await kurrentdbUrl()));
    return {
      open: () => openKurrentdbStoreAt(address),
      holdAppend: async (event) => {
        const { connectionString, prefix } = parseKurrentdbAddress(address);
        const client = KurrentDBClient.connectionString(connectionString);
        const control = kurrentdb!.control;
        await control.hold({ calls: 1, on: 'append' });
        const record = jsonEvent({ id: event.eventId, type: event.type, data: { ...event } });
        const answer = client.appendToStream(`${prefix}.${event.streamId}`, record, {
          streamState: NO_STREAM,
        });
        await untilTrue(async () => (await control.status()).held === 1);
        const end = (how: 'commit' | 'rollBack') => async () => {
          await control.release(how);
          await Promise.allSettled([answer]);
          await client.dispose();
        };
        return { othersWait: false, commit: end('commit'), rollBack: end('rollBack') };
      },
    };
  },
});
