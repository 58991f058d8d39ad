import { isInSight } from '#state-machines/access';
import type { Sight } from '#state-machines/access';
import { kinds } from '#state-machines/record-streams';
import { numberOfDay } from './codes.ts';
import type { Lived, Lives } from './lives.ts';
import { LIFE, SPAN } from './packed-life.ts';
import type { Part } from './packed-life.ts';

export interface FiguresQuery {
  /** The records that the caller may see today. */
  readonly recipients: Sight;
  /** The body to which the records belonged at the time; all if absent. */
  readonly recipient?: string | undefined;
  /** The names of record kinds; absent for all. */
  readonly kind?: readonly string[] | undefined;
}

/** A query for the figures of records issued in a period. */
export interface IssuedQuery extends FiguresQuery {
  /** The day; states at its end count. */
  readonly on: string;
  /** The first issue date that counts; all if absent. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** The lives as known at some moment, and those of today, which decide who may see a record. */
export interface LivesInView {
  readonly lives: Lives;
  readonly today: Pick<Lives, 'bodyToday'>;
}

/** Returns the records that the caller may see. */
export function* seenLives({ lives, today }: LivesInView, query: FiguresQuery): Iterable<Lived> {
  const { recipients, kind } = query;
  for (const each of lives.all()) {
    const { stream } = each;
    const own = kinds.ofStream(stream)?.kind.name ?? '';
    if (kind !== undefined && !kind.includes(own)) continue;
    if (recipients !== null && !isInSight(recipients, own, today.bodyToday(stream))) continue;
    yield each;
  }
}

/** A record that was issued in the period, on the day of the query. */
interface Issued extends Lived {
  readonly span: Part;
  readonly recipient: string | null;
}

/** Returns the records that the caller may see, of all bodies. */
export function* seenIssued(view: LivesInView, query: IssuedQuery): Iterable<Issued> {
  const on = numberOfDay(query.on);
  const from = query.from === undefined ? -Infinity : numberOfDay(query.from);
  const to = query.to === undefined ? Infinity : numberOfDay(query.to);
  for (const { stream, life } of seenLives(view, query)) {
    const issuedOn = life.at(LIFE.issuedOn);
    const span = issuedOn < from || issuedOn > to ? null : life.spanOn(on);
    if (span !== null)
      yield { stream, life, span, recipient: view.lives.codes.text(span.at(SPAN.recipient)) };
  }
}

/** Returns whether a record belonged to the body of the query. */
export const isOf = (query: FiguresQuery, recipient: string | null): boolean =>
  query.recipient === undefined || query.recipient === recipient;

/** A figure overall and by body. Records without a recipient come last, under null. */
export interface ByBody<Figures> {
  readonly overall: Figures;
  readonly byRecipient: readonly ({ readonly recipient: string | null } & Figures)[];
}

export function byBody<Row extends { readonly recipient: string | null }, Figures>(
  rows: readonly Row[],
  figuresOf: (rows: readonly Row[]) => Figures,
): ByBody<Figures> {
  const bodies = [...Map.groupBy(rows, ({ recipient }) => recipient)].map(([recipient, own]) => ({
    recipient,
    ...figuresOf(own),
  }));
  const rank = (recipient: string | null) => (recipient === null ? '1' : `0${recipient}`);
  return {
    overall: figuresOf(rows),
    byRecipient: bodies.sort((one, other) => (rank(one.recipient) < rank(other.recipient) ? -1 : 1)),
  };
}
