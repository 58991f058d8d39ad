import { nextTurn } from './event-store.ts';

/** The number of events after which a long fold pauses, about two milliseconds of work. */
export const FOLDED_AT_ONCE = 500;

/** A fold over a history that may be long. It pauses after every `FOLDED_AT_ONCE` events until it is resumed. */
export type Folding<Result> = Generator<undefined, Result>;

/** Runs a fold. Yields to other work at each pause. */
export async function runYielding<Result>(folding: Folding<Result>): Promise<Result> {
  for (let step = folding.next(); ; step = folding.next()) {
    if (step.done === true) return step.value;
    await nextTurn();
  }
}

/** Pauses between two iterations over a long history. */
export function* stopIfLong(events: { readonly length: number }): Folding<void> {
  if (events.length >= FOLDED_AT_ONCE) yield;
}

/** Yields to other work after a long history, outside a fold. */
export async function turnIfLong(events: { readonly length: number }): Promise<void> {
  if (events.length >= FOLDED_AT_ONCE) await nextTurn();
}

/** Runs a fold without pauses. */
export function atOnce<Result>(folding: Folding<Result>): Result {
  for (let step = folding.next(); ; step = folding.next()) if (step.done === true) return step.value;
}
