import type { Envelope, JsonObject, Pointer } from './envelope.ts';
import { pointerTokens, escapeToken } from './erasure.ts';
import { UnknownShapeError } from './errors.ts';
import { refuseUnknownForm } from './forms.ts';

/** One step of a shape towards today's: from a `schemaVersion` to the next. */
interface Upcaster {
  /** The data in the next shape. Plain and pure; whatever can be erased of an event may be absent. */
  readonly data: (data: JsonObject) => JsonObject;
  /** Where sensitive values went, from the pointer in this shape to that in the next; `*` is every item of an array. */
  readonly moved?: Readonly<Record<Pointer, Pointer>>;
}

/** The upcasters of event types, each under the `schemaVersion` that it reads. */
export type Upcasters = Readonly<Record<string, Readonly<Record<number, Upcaster>>>>;

/** What an event type says of its shape today. */
type Types = Readonly<Record<string, { readonly schemaVersion: number }>>;

/** What of an event depends on its shape. One that is decided and not stored yet has today's, and no `schemaVersion`. */
type Shaped = Pick<Envelope, 'type' | 'data'> &
  Partial<Pick<Envelope, 'envelope' | 'schemaVersion' | 'streamId' | 'version' | 'commitments' | 'salts'>>;

/**
 * The shapes that events of some streams ever had. What is stored and sealed keeps the shape in which it was recorded; whoever reads
 * what it says reads today's.
 */
export class EventShapes<Of extends Types = Types> {
  /** Today's. */
  readonly types: Of;
  readonly #upcasters: Upcasters;
  readonly #moves: readonly (readonly [from: Pointer, to: Pointer])[];

  /** @throws Error where the upcasters of a type do not lead to today's shape, one step after the other. */
  constructor(types: Of, upcasters: Upcasters = {}) {
    this.types = types;
    this.#upcasters = upcasters;
    for (const [type, steps] of Object.entries(upcasters)) refuseGap(type, types[type]?.schemaVersion, steps);
    this.#moves = Object.values(upcasters).flatMap((steps) =>
      Object.values(steps).flatMap(({ moved = {} }) => Object.entries(moved)),
    );
  }

  /**
   * The event in today's shape, its commitments and salts by today's pointers: to be read, and never to be verified, erased or
   * given out as an envelope. The same one where it has that shape. A type that is not known here is for others to refuse.
   * @throws UnknownShapeError, UnknownFormError
   */
  asToday<Event extends Shaped>(event: Event): Event {
    refuseUnknownForm(event);
    const { type, schemaVersion } = event;
    const today = Object.hasOwn(this.types, type) ? this.types[type]?.schemaVersion : undefined;
    if (schemaVersion === undefined || today === undefined || schemaVersion === today) return event;
    const steps = this.#upcasters[type] ?? {};
    let { data, commitments, salts } = event;
    for (let version = schemaVersion; version !== today; version += 1) {
      const step = steps[version];
      if (step === undefined) throw unknownShape(event, today);
      data = step.data(data);
      const { moved } = step;
      commitments = moved && commitments ? withMoved(commitments, moved) : commitments;
      salts = moved && salts ? withMoved(salts, moved) : salts;
    }
    return {
      ...event,
      schemaVersion: today,
      data,
      ...(commitments && { commitments }),
      ...(salts && { salts }),
    };
  }

  /**
   * Whether one of some pointers into stored events is, in any shape that there was, that of a value which has this pointer today.
   * Which event is meant need not be known: rather a value too many is taken for erased than one too few.
   */
  isNamed(stored: readonly Pointer[], today: Pointer): boolean {
    return (
      stored.includes(today) ||
      (this.#moves.length > 0 && stored.some((pointer) => this.#places(pointer).has(today)))
    );
  }

  /** Where the value of a pointer can have gone since. */
  #places(pointer: Pointer): ReadonlySet<Pointer> {
    const places = new Set([pointer]);
    for (const place of places) {
      for (const [from, to] of this.#moves) {
        const next = movedTo(place, from, to);
        if (next !== null) places.add(next);
      }
    }
    return places;
  }
}

function refuseGap(type: string, today: number | undefined, steps: Readonly<Record<number, Upcaster>>): void {
  if (today === undefined) throw new Error(`There are upcasters of ${type}, which is no type of event`);
  const versions = Object.keys(steps)
    .map(Number)
    .sort((one, other) => one - other);
  const oldest = versions[0] ?? today;
  const isChain = versions.every((version, index) => version === oldest + index);
  if (!isChain || oldest + versions.length !== today)
    throw new Error(
      `The upcasters of ${type} read schemaVersion ${versions.join(', ')}, which does not lead to ${today}`,
    );
}

const withMoved = <Value>(
  values: Readonly<Record<Pointer, Value>>,
  moved: Readonly<Record<Pointer, Pointer>>,
): Record<Pointer, Value> =>
  Object.fromEntries(
    Object.entries(values).map(([pointer, value]) => {
      for (const [from, to] of Object.entries(moved)) {
        const next = movedTo(pointer, from, to);
        if (next !== null) return [next, value];
      }
      return [pointer, value];
    }),
  );

/** A pointer after a move, each `*` of the new one being what the old one has there; null where it is not moved. */
function movedTo(pointer: Pointer, from: Pointer, to: Pointer): Pointer | null {
  const tokens = pointerTokens(pointer);
  const pattern = pointerTokens(from);
  const isMoved =
    tokens.length === pattern.length &&
    pattern.every((token, index) => token === '*' || token === tokens[index]);
  if (!isMoved) return null;
  const items = tokens.filter((_, index) => pattern[index] === '*');
  return `/${pointerTokens(to)
    .map((token) => escapeToken(token === '*' ? (items.shift() ?? '') : token))
    .join('/')}`;
}

const unknownShape = ({ type, schemaVersion, streamId, version }: Shaped, today: number): UnknownShapeError =>
  new UnknownShapeError(
    `Version ${version} of ${streamId} is a ${type} of schemaVersion ${schemaVersion}, which this build of Docket does not read; ` +
      `today's is ${today}. Use a build that has it: a newer one wrote the event`,
  );
