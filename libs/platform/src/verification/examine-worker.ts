import type { LogParts, LogRows, RowPage, StoredEntry } from '#event-sourcing/event-store';
import { entryOf } from '#event-store/inspect-row';
import { Moved } from '#threads/messages';
import { serve } from '#threads/serve';
import type { TasksOf } from '#threads/serve';
import { examineEntry } from '#use-cases/log/examine-entry';
import { PagePacker, StreamNumbers } from './examined-page.ts';
import type { Asked, Part, PackedPage } from './examined-page.ts';

export type ExamineTasks = TasksOf<typeof openExaminer>;

/** @param opened how it opens the log, through a connection of its own; null where it is given all rows. */
function openExaminer(opened: LogParts['opened'] | null) {
  const numbers = new StreamNumbers();
  let rows: Promise<LogRows> | undefined;

  async function openRows(): Promise<LogRows> {
    if (opened === null) throw new Error('nothing says which log this thread is to read');
    const { openRows: open } = (await import(opened.module)) as {
      readonly openRows: (options: unknown) => Promise<LogRows>;
    };
    return open(opened.options);
  }

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

  return {
    tasks: {
      /** Null where it cannot read: whoever asks then reads it through the store, which says what is wrong. */
      async examine(asked: Asked): Promise<Moved<PackedPage> | null> {
        const page = 'rows' in asked ? examineRows(asked.rows) : await examinePart(asked).catch(() => null);
        return page && new Moved(page, [page.words.buffer]);
      },
      async beside(isWhole: boolean): Promise<StoredEntry[] | null> {
        try {
          return await Array.fromAsync((await (rows ??= openRows())).beside(isWhole));
        } catch {
          return null;
        }
      },
    },
  };
}

function add(packer: PagePacker, page: RowPage): void {
  for (const row of page)
    packer.add(examineEntry(entryOf(row)), 'envelope' in row ? row.stream : row.streamId);
}

await serve(openExaminer);
