import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jsonEvent, KurrentDBClient } from '@kurrent/kurrentdb-client';
import { kurrentdbUrl } from '../support/kurrentdb-stores.ts';

const event = (n: number) => jsonEvent({ type: 'Counted', data: { n } });

describe('a server of the protocol', () => {
  let client: KurrentDBClient;

  beforeAll(async () => {
    client = KurrentDBClient.connectionString(await kurrentdbUrl());
  });

  afterAll(async () => {
    await client.dispose();
  });

  test('stores events and reads them', async () => {
    const stream = `early-${randomUUID()}`;
    await client.appendToStream(stream, [event(1), event(2)], { streamState: 'no_stream' });
    const read: unknown[] = [];
    for await (const { event: found } of client.readStream(stream)) read.push(found?.data);
    expect(read).toEqual([{ n: 1 }, { n: 2 }]);
  });
});
