import type { PackedEvent, WithheldValue } from '#audit/pack/lay-out-pack';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { eraseFromEnvelope } from '#event-sourcing/erasure';
import type { NamedValues } from '#event-sourcing/erasure';
import { FOLDED_AT_ONCE } from '#event-sourcing/folding';
import type { Folding } from '#event-sourcing/folding';
import { invalidParameter, ProblemError } from '../problems.ts';
import { internalIn } from '../records/withhold.ts';
import { viewOfEvent } from '#state-machines/any-kind';
import { present } from '#state-machines/capabilities/redacted';

/** Which values of a record a pack does not hold. */
export interface Withholding {
  /** What the API withholds from who does not read internal comments. */
  readonly internal: boolean;
  /** Values by themselves, each under an exemption. */
  readonly values: readonly WithheldValue[];
}

/** The choice of all that is internal, and the code that it is withheld under. */
export const INTERNAL = 'internal';

/** A choice: `internal`, or a value by the version of its event and its pointer, with an exemption's code. */
export const WITHHOLDING_FORM =
  /^(?:internal|(?<version>[1-9]\d{0,8}):(?<pointer>\/.*)=(?<code>[A-Za-z0-9().-]{1,32}))$/;
export const WITHHOLDING_TOLD =
  'internal, or VERSION:POINTER=CODE, such as 4:/data/text=FOI.s40: the code has up to 32 letters, digits and signs of ().-';

const refused = (detail: string): ProblemError => invalidParameter('withhold', detail);

/** @throws ProblemError `invalid-parameter` for a choice of another form, and for one value under two codes. */
export function readWithholding(choices: readonly string[]): Withholding {
  const values = new Map<string, WithheldValue>();
  for (const choice of new Set(choices)) {
    const groups = WITHHOLDING_FORM.exec(choice)?.groups;
    if (groups === undefined) throw refused(`is ${JSON.stringify(choice)}; it takes ${WITHHOLDING_TOLD}`);
    const { version, pointer, code } = groups;
    if (version === undefined || pointer === undefined || code === undefined) continue;
    const place = `${version}:${pointer}`;
    if (values.has(place)) throw refused(`names ${place} under two codes`);
    values.set(place, { version: Number(version), pointer, code });
  }
  return { internal: choices.includes(INTERNAL), values: [...values.values()] };
}

/** Events as they go out, and what of them is withheld. */
export interface WithheldEvents {
  readonly events: readonly PackedEvent[];
  readonly withheld: readonly WithheldValue[];
}

/**
 * A record's events without the values that are chosen, and what a redaction of these would take with them; each is withheld under the code
 * of the choice that took it first. No event keeps its position, which is its store's, nor the salt of its command's digest: other
 * events may be of the same request.
 * @param stored all of the record's events, whole, but for what was redacted.
 * @throws ProblemError `invalid-parameter` for a value that the record does not have, or has no more.
 */
export function* withholdValues(
  stored: readonly Envelope[],
  { internal, values }: Withholding,
): Folding<WithheldEvents> {
  const chosen = Map.groupBy(
    values.map((value) => ({ ...value, ...chosenIn(stored, value) })),
    ({ code }) => code,
  );
  const [first = NO_EVENT] = stored;
  const codes = new Map<string, Map<Pointer, string>>();
  const choices = [...chosen, ...(internal ? [[INTERNAL, yield* internalOf(stored)] as const] : [])];
  for (const [code, named] of choices) {
    for (const { eventId, erased } of yield* viewOfEvent(first).erasedWith(joined(named), stored)) {
      const taken = codes.get(eventId) ?? new Map<Pointer, string>();
      for (const pointer of erased) if (!taken.has(pointer)) taken.set(pointer, code);
      codes.set(eventId, taken);
    }
    yield;
  }
  const events: PackedEvent[] = [];
  const withheld: WithheldValue[] = [];
  for (const event of stored) {
    const taken = [...(codes.get(event.eventId) ?? [])];
    const { version } = event;
    events.push(
      packed(
        event,
        taken.map(([pointer]) => pointer),
      ),
    );
    withheld.push(...taken.map(([pointer, code]) => ({ version, pointer, code })));
    if (events.length % FOLDED_AT_ONCE === 0) yield;
  }
  return { events, withheld };
}

/** The value that is chosen, and what is withheld with it. */
function chosenIn(stored: readonly Envelope[], { version, pointer }: WithheldValue): NamedValues {
  const event = stored[version - 1];
  if (event === undefined) throw refused(`names version ${version}; the record has ${stored.length} events`);
  const { eventId, commitments } = event;
  if (!Object.hasOwn(commitments, pointer)) {
    const known = Object.keys(commitments).join(', ') || 'none';
    throw refused(`names ${pointer} of version ${version}, which is no text of it: it has ${known}`);
  }
  const there = present(event);
  if (!there.includes(pointer))
    throw refused(`names ${pointer} of version ${version}, which was erased: nobody has it any more`);
  return { eventId, erased: viewOfEvent(event).withheldWith(event, pointer) };
}

/** Of no lifecycle. */
const NO_EVENT = { lifecycle: null };

function* internalOf(stored: readonly Envelope[]): Folding<NamedValues[]> {
  const named: NamedValues[] = [];
  for (const [index, event] of stored.entries()) {
    const there = present(event);
    const erased = internalIn(event).filter((pointer) => there.includes(pointer));
    if (erased.length > 0) named.push({ eventId: event.eventId, erased });
    if ((index + 1) % FOLDED_AT_ONCE === 0) yield;
  }
  return named;
}

/** Each event once. */
const joined = (named: readonly NamedValues[]): NamedValues[] =>
  [...Map.groupBy(named, ({ eventId }) => eventId)].map(([eventId, values]) => ({
    eventId,
    erased: values.flatMap(({ erased }) => erased),
  }));

function packed(event: Envelope, pointers: readonly Pointer[]): PackedEvent {
  const { position: _, ...rest } = eraseFromEnvelope(event, [...pointers, COMMAND_DIGEST]);
  return rest;
}
