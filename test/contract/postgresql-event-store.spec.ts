import { afterAll } from '@jest/globals';
import { lockSql } from '../../libs/event-store/src/postgresql/schema.ts';
import {
  connectTo,
  dropStore,
  freshAddress,
  openStoreAt,
  postgresqlUrl,
} from '../support/postgresql-stores.ts';
import { eventStoreContract } from './event-store.contract.ts';

const schemas: string[] = [];

afterAll(async () => {
  for (const address of schemas) await dropStore(address);
});

eventStoreContract({
  name: 'PostgreSQL',
  shared: true,
  makePlace: async () => {
    const address = freshAddress(await postgresqlUrl());
    schemas.push(address);
    return {
      open: () => openStoreAt(address),
      holdAppend: async (event) => {
        const client = await connectTo(address);
        await client.query('BEGIN');
        await client.query(lockSql(new URL(address).searchParams.get('schema') ?? ''));
        await client.query('INSERT INTO streams SELECT max(id) + 1, $1 FROM streams', [
          Buffer.from(event.streamId),
        ]);
        await client.query(
          `INSERT INTO events (position, stream, version, envelope)
           SELECT max(position) + 1, (SELECT max(id) FROM streams), 1, $1 FROM events`,
          [JSON.stringify(event)],
        );
        const end = (sql: string) => async () => {
          await client.query(sql);
          await client.end();
        };
        return { othersWait: true, commit: end('COMMIT'), rollBack: end('ROLLBACK') };
      },
    };
  },
});
