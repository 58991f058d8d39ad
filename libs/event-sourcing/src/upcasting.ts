import type { Envelope, JsonObject, Pointer } from './envelope.ts';
import { pointerTokens, escapeToken } from './erasure.ts';
import { UnknownShapeError } from './errors.ts';
import { refuseUnknownForm } from './forms.ts';

/** A conversion from one `schemaVersion` to the next. */
interface Upcaster {
  /** Returns the data in the next shape. It must be pure. Erasable members may be absent. */
  readonly data: (data: JsonObject) => JsonObject;
  /** Moved sensitive values, from the pointer in this shape to that in the next. `*` matches every item of an array. */
  readonly moved?: Readonly<Record<Pointer, Pointer>>;
}

/** The upcasters of event types, by the `schemaVersion` that they read. */
export type Upcasters = Readonly<Record<string, Readonly<Record<number, Upcaster>>>>;

/** The current shapes of event types. */
type Types = Readonly<Record<string, { readonly schemaVersion: number }>>;

/** The parts of an event that depend on its shape. An unstored event has the current shape and no `schemaVersion`. */
type Shaped = Pick<Envelope, 'type' | 'data'> &
  Partial<Pick<Envelope, 'envelope' | 'schemaVersion' | 'streamId' | 'version' | 'commitments' | 'salts'>>;

/** All shapes of the events in some streams. Stored events keep the shape in which they were recorded; readers get the current one. */
export class EventShapes<Of extends Types = Types> {
  /** The current types. */
  readonly types: Of;
  readonly #upcasters: Upcasters;
  readonly #moves: readonly (readonly [from: Pointer, to: Pointer])[];

  /** @throws Error if the upcasters of a type do not reach the current shape in single steps. */
  constructor(types: Of, upcasters: Upcasters = {}) {
    this.types = types;
    this.#upcasters = upcasters;
    for (const [type, steps] of Object.entries(upcasters)) refuseGap(type, types[type]?.schemaVersion, steps);
    this.#moves = Object.values(upcasters).flatMap((steps) =>
      Object.values(steps).flatMap(({ moved = {} }) => Object.entries(moved)),
    );
  }

  /**
   * Returns the event in the current shape, with current pointers in commitments and salts. Returns the same object if nothing changed, and
   * for unknown types. The result is only for reading: never verify, erase or export it.
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
   * Reports whether one of the pointers into stored events points, in the current or an earlier shape, to the value at a current pointer.
   * It does not depend on the event, so it may be true for a value that was not named, but is never false for one that was.
   */
  isNamed(stored: readonly Pointer[], today: Pointer): boolean {
    return (
      stored.includes(today) ||
      (this.#moves.length > 0 && stored.some((pointer) => this.#places(pointer).has(today)))
    );
  }

  /** Returns a value's pointers in this and later shapes. */
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
  if (today === undefined) throw new Error(`There are upcasters of ${type}, which is not an event type`);
  const versions = Object.keys(steps)
    .map(Number)
    .sort((one, other) => one - other);
  const oldest = versions[0] ?? today;
  const isChain = versions.every((version, index) => version === oldest + index);
  if (!isChain || oldest + versions.length !== today)
    throw new Error(
      `The upcasters of ${type} read schemaVersion ${versions.join(', ')}, which does not reach ${today}`,
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

/** Returns a pointer after a move, with each `*` of the new one replaced by the token of the old one; null if the pointer is not moved. */
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
    `Version ${version} of ${streamId} is a ${type} of schemaVersion ${schemaVersion}, which this build of Docket cannot read; ` +
      `it reads up to ${today}. A newer build wrote the event: use that build`,
  );
