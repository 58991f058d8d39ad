import { nextTurn } from './event-store.ts';

/** After so many events a long fold stops: as many are folded in about two milliseconds. */
export const FOLDED_AT_ONCE = 500;

/** A fold of a history, which may be long: it stops after each `FOLDED_AT_ONCE` events, and goes on when it is asked to. */
export type Folding<Result> = Generator<undefined, Result>;

/** Carries a fold out; wherever it stops, everything else has its turn. */
export async function byTurns<Result>(folding: Folding<Result>): Promise<Result> {
  for (let step = folding.next(); ; step = folding.next()) {
    if (step.done === true) return step.value;
    await nextTurn();
  }
}

/** Stops between two walks through a long history; a short one is gone through at once. */
export function* stopIfLong(events: { readonly length: number }): Folding<void> {
  if (events.length >= FOLDED_AT_ONCE) yield;
}

/** The same where no fold goes on: everything else has its turn. */
export async function turnIfLong(events: { readonly length: number }): Promise<void> {
  if (events.length >= FOLDED_AT_ONCE) await nextTurn();
}

/** Carries a fold out in one go, where nobody waits for anything else. */
export function atOnce<Result>(folding: Folding<Result>): Result {
  for (let step = folding.next(); ; step = folding.next()) if (step.done === true) return step.value;
}
