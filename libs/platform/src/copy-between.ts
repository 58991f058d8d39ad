import { copyStore } from '#use-cases/log/copy-store';
import type { CopyOutcome, CopyPhase } from '#use-cases/log/copy-store';
import { openStore } from './open-store.ts';
import type { StoreAddress } from './stores.ts';

/** What copying is at; `done` counts pages, events or positions, as `total` does. */
export type OnProgress = (phase: CopyPhase, done: number, total: number) => void;

export interface CopyingOptions {
  /** Ends the work. */
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/**
 * Copies a store into another that is empty, or was begun from it. The source is opened first: where there is none, no target is made.
 * Progress goes through the source's positions, which are near enough to its events for a bar.
 * @throws StoreMissingError, StoreUnavailableError.
 */
export async function copyBetween(
  from: StoreAddress,
  to: StoreAddress,
  { signal, onProgress }: CopyingOptions,
  { restoring = false, readOnly = true } = {},
): Promise<CopyOutcome> {
  await using opened = new AsyncDisposableStack();
  const source = opened.adopt(await openStore(from, { create: false, readOnly }), (each) => each.close());
  const target = opened.adopt(await openStore(to, { create: true, restoring }), (each) => each.close());
  const last = Number(await source.lastPosition());
  return await copyStore(source, target, {
    ...(signal && { signal }),
    onProgress: (phase, position) => onProgress?.(phase, Number(position), Math.max(last, Number(position))),
  });
}
