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
import { presentPointers } from '#state-machines/capabilities/redacted';

/** The values that a pack omits. */
export interface Withholding {
  /** The values that the API withholds from viewers who may not read internal comments. */
  readonly internal: boolean;
  /** Single values, each under an exemption. */
  readonly values: readonly WithheldValue[];
}

/** The choice of all internal values, and the code under which they are withheld. */
export const INTERNAL = 'internal';

/** A choice: `internal`, or a value by its event's version and pointer, with an exemption's code. */
export const WITHHOLDING_FORM =
  /^(?:internal|(?<version>[1-9]\d{0,8}):(?<pointer>\/.*)=(?<code>[A-Za-z0-9().-]{1,32}))$/;
export const WITHHOLDING_SHAPE =
  'internal, or VERSION:POINTER=CODE, such as 4:/data/text=FOI.s40; the code has up to 32 letters, digits and characters of ().-';

const refusal = (detail: string): ProblemError => invalidParameter('withhold', detail);

/**
 * Parses the choices of values to withhold. @throws ProblemError `invalid-parameter` for a malformed choice, or one value under two codes.
 */
export function readWithholding(choices: readonly string[]): Withholding {
  const values = new Map<string, WithheldValue>();
  for (const choice of new Set(choices)) {
    const groups = WITHHOLDING_FORM.exec(choice)?.groups;
    if (groups === undefined) throw refusal(`is ${JSON.stringify(choice)}, but must be ${WITHHOLDING_SHAPE}`);
    const { version, pointer, code } = groups;
    if (version === undefined || pointer === undefined || code === undefined) continue;
    const place = `${version}:${pointer}`;
    if (values.has(place)) throw refusal(`names ${place} under two codes`);
    values.set(place, { version: Number(version), pointer, code });
  }
  return { internal: choices.includes(INTERNAL), values: [...values.values()] };
}

/** The disclosed events, and the values withheld from them. */
export interface WithheldEvents {
  readonly events: readonly PackedEvent[];
  readonly withheld: readonly WithheldValue[];
}

/**
 * Returns a record's events without the chosen values and the values that a redaction would remove with them. Each value is withheld under
 * the code of the first choice that covers it. Events lose their position, which belongs to the store, and the salt of their command's
 * digest, since other events may be of the same request.
 * @param stored all events of the record, complete except for redacted values.
 * @throws ProblemError `invalid-parameter` for a value that the record does not have or no longer has.
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
    for (const { eventId, erased } of yield* viewOfEvent(first).erasedWith(mergeByEvent(named), stored)) {
      const byPointer = codes.get(eventId) ?? new Map<Pointer, string>();
      for (const pointer of erased) if (!byPointer.has(pointer)) byPointer.set(pointer, code);
      codes.set(eventId, byPointer);
    }
    yield;
  }
  const events: PackedEvent[] = [];
  const withheld: WithheldValue[] = [];
  for (const event of stored) {
    const entries = [...(codes.get(event.eventId) ?? [])];
    const { version } = event;
    events.push(
      toPackedEvent(
        event,
        entries.map(([pointer]) => pointer),
      ),
    );
    withheld.push(...entries.map(([pointer, code]) => ({ version, pointer, code })));
    if (events.length % FOLDED_AT_ONCE === 0) yield;
  }
  return { events, withheld };
}

function chosenIn(stored: readonly Envelope[], { version, pointer }: WithheldValue): NamedValues {
  const event = stored[version - 1];
  if (event === undefined)
    throw refusal(`names version ${version}, but the record has ${stored.length} events`);
  const { eventId, commitments } = event;
  if (!Object.hasOwn(commitments, pointer)) {
    const known = Object.keys(commitments).join(', ') || 'none';
    throw refusal(`names ${pointer} of version ${version}, which is not one of its texts: it has ${known}`);
  }
  const pointers = presentPointers(event);
  if (!pointers.includes(pointer)) throw refusal(`names ${pointer} of version ${version}, which was erased`);
  return { eventId, erased: viewOfEvent(event).withheldWith(event, pointer) };
}

const NO_EVENT = { lifecycle: null };

function* internalOf(stored: readonly Envelope[]): Folding<NamedValues[]> {
  const named: NamedValues[] = [];
  for (const [index, event] of stored.entries()) {
    const pointers = presentPointers(event);
    const erased = internalIn(event).filter((pointer) => pointers.includes(pointer));
    if (erased.length > 0) named.push({ eventId: event.eventId, erased });
    if ((index + 1) % FOLDED_AT_ONCE === 0) yield;
  }
  return named;
}

/** Merges the values of each event. */
const mergeByEvent = (named: readonly NamedValues[]): NamedValues[] =>
  [...Map.groupBy(named, ({ eventId }) => eventId)].map(([eventId, values]) => ({
    eventId,
    erased: values.flatMap(({ erased }) => erased),
  }));

function toPackedEvent(event: Envelope, pointers: readonly Pointer[]): PackedEvent {
  const { position: _, ...rest } = eraseFromEnvelope(event, [...pointers, COMMAND_DIGEST]);
  return rest;
}
