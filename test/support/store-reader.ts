import { pathToFileURL } from 'node:url';
import { messageOf } from '#event-sourcing/errors';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';

/** Reads a store's file in its own process, and prints the number of events, or the error. */
const path = process.argv[2] ?? '';
try {
  const store = await openSqliteEventStore({
    path,
    sealerModule: pathToFileURL(path),
    create: false,
    readOnly: true,
  });
  const entries = await Array.fromAsync(store.inspect());
  const faults = entries.flatMap((entry) => entry.faults);
  await store.close();
  process.stdout.write(JSON.stringify({ events: entries.length, faults }));
} catch (error) {
  process.stdout.write(JSON.stringify({ refused: messageOf(error) }));
}
