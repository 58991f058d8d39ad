import { pathToFileURL } from 'node:url';
import { messageOf } from '#event-sourcing/errors';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';

/** Reads a store's file in a process of its own: prints how many events it has, or why not. */
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
