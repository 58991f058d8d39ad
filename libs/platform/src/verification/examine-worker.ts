import { parentPort } from 'node:worker_threads';
import type { StoredEntry, StoredRow } from '#event-sourcing/event-store';
import { entryOf } from '#event-store/inspect-row';
import { examineEntry } from '#use-cases/log/examine-entry';
import { packPage } from './examined-page.ts';

const port = parentPort;
if (port === null) throw new Error('This module is the main module of a worker thread');

port.on('message', (rows: readonly (StoredEntry | StoredRow)[]) => {
  port.postMessage(packPage(rows.map((row) => examineEntry(entryOf(row)))));
});
