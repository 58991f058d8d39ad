import { parentPort, workerData } from 'node:worker_threads';
import type { LogParts, LogRows, RowPage, StoredEntry } from '#event-sourcing/event-store';
import { entryOf } from '#event-store/inspect-row';
import { examineEntry } from '#use-cases/log/examine-entry';
import { PagePacker, StreamNumbers } from './examined-page.ts';
import type { Asked, Part, PackedPage } from './examined-page.ts';

const port = parentPort;
if (port === null) throw new Error('This module is the main module of a worker thread');

const opened = workerData as LogParts['opened'] | null;
let rows: Promise<LogRows> | undefined;

/** The log, through a connection of this thread. */
async function openRows(): Promise<LogRows> {
  if (opened === null) throw new Error('nothing says which log this thread is to read');
  const { openRows: open } = (await import(opened.module)) as {
    readonly openRows: (options: unknown) => Promise<LogRows>;
  };
  return open(opened.options);
}

const numbers = new StreamNumbers();

async function examinePart({ after, to }: Part): Promise<PackedPage> {
  const packer = new PagePacker(numbers, Number(BigInt(to) - BigInt(after)));
  for await (const page of (await (rows ??= openRows())).between(after, to)) add(packer, page);
  return packer.finish();
}

function examineRows(page: RowPage): PackedPage {
  const packer = new PagePacker(numbers, page.length);
  add(packer, page);
  return packer.finish();
}

function add(packer: PagePacker, page: RowPage): void {
  for (const row of page)
    packer.add(examineEntry(entryOf(row)), 'envelope' in row ? row.stream : row.streamId);
}

async function answerTo(asked: Asked): Promise<PackedPage | null> {
  if ('rows' in asked) return examineRows(asked.rows);
  // Whoever asks then reads it through the store, which says what is wrong.
  return examinePart(asked).catch(() => null);
}

async function besideEvents(): Promise<StoredEntry[] | null> {
  try {
    return await Array.fromAsync((await (rows ??= openRows())).beside(true));
  } catch {
    return null;
  }
}

port.on('message', ([id, asked]: [number, Asked | 'beside']) => {
  const answer = asked === 'beside' ? besideEvents() : answerTo(asked);
  // What is thrown ends this thread, and the verification with it.
  void answer.then((given) => {
    port.postMessage([id, given], given !== null && 'words' in given ? [given.words.buffer] : []);
  });
});
