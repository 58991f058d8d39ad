import type { LogParts, LogRows, StoredEntry } from '#event-sourcing/event-store';
import { entryOf } from '#event-store/inspect-row';
import { Moved } from '#threads/messages';
import { serve } from '#threads/serve';
import type { TasksOf } from '#threads/serve';
import { examineEntry } from '#use-cases/log/examine-entry';
import { PagePacker, StreamNumbers } from './examined-page.ts';
import type { Part, PackedPage } from './examined-page.ts';

export type ExamineTasks = TasksOf<typeof openExaminer>;

/** Opens the log through the thread's own connection. */
function openExaminer({ module, options }: LogParts['opened']) {
  const numbers = new StreamNumbers();
  let rows: Promise<LogRows> | undefined;

  async function openRows(): Promise<LogRows> {
    const { openRows: open } = (await import(module)) as {
      readonly openRows: (options: unknown) => Promise<LogRows>;
    };
    return open(options);
  }

  async function examinePart({ after, to }: Part): Promise<PackedPage> {
    const packer = new PagePacker(numbers, Number(BigInt(to) - BigInt(after)));
    for await (const page of (await (rows ??= openRows())).between(after, to))
      for (const row of page)
        packer.add(examineEntry(entryOf(row)), 'envelope' in row ? row.stream : row.streamId);
    return packer.finish();
  }

  return {
    tasks: {
      /** Examines a part. Returns null if it cannot be read: the caller then reads it through the store, which reports the reason. */
      async examine(part: Part): Promise<Moved<PackedPage> | null> {
        const page = await examinePart(part).catch(() => null);
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

await serve(openExaminer);
