// class-transformer's decorators need the polyfill for type metadata.
import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { ValidationError } from 'class-validator';
import { escapeToken } from '#event-sourcing/erasure';
import { payloadClass } from './payload-class.ts';
import { CommandRefusedError } from './refused.ts';
import type { PayloadProblem } from './refused.ts';
import type { PayloadShape } from './shapes.ts';

export class InvalidPayloadError extends CommandRefusedError {
  readonly problems: readonly PayloadProblem[];

  constructor(problems: readonly PayloadProblem[]) {
    const detail = problems
      .map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer} ${detail}`))
      .join('; ');
    super('invalid', 'invalid-payload', detail, { errors: problems });
    this.name = 'InvalidPayloadError';
    this.problems = problems;
  }
}

/**
 * Returns a payload validated by its shape. Refuses unknown members, and converts nothing.
 * @throws InvalidPayloadError with a pointer for every problem.
 */
export const validatePayload = <Value extends object>(shape: PayloadShape<Value>, body: unknown): Value =>
  validateAs(payloadClass(shape), body, longListsOf(shape));

/**
 * Validates a payload by a class-validator class and returns an instance of it.
 * @throws InvalidPayloadError with a pointer for every problem.
 */
function validateAs<Payload extends object>(
  payload: new () => Payload,
  body: unknown,
  longest: LongLists,
): Payload {
  // A command without a payload needs no body. `null` is a body, but not an object.
  const input = body === undefined ? {} : body;
  if (!isJsonObject(input)) {
    throw new InvalidPayloadError([{ pointer: '', detail: 'must be a JSON object' }]);
  }
  const misshapen = [...shapeProblems(input, longest).take(PROBLEMS_MAX)];
  if (misshapen.length > 0) throw new InvalidPayloadError(misshapen);
  const instance = plainToInstance(payload, input, { exposeUnsetFields: false });
  const errors = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
  });
  if (errors.length > 0) {
    throw new InvalidPayloadError(errors.flatMap((error) => problemsOf(error, '')).slice(0, PROBLEMS_MAX));
  }
  return instance;
}

/**
 * Returns whether a value is a plain object, not a class instance such as the stream of a body of another content type.
 */
const isJsonObject = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  [null, Object.prototype].includes(Object.getPrototypeOf(value) as object | null);

const DEPTH_MAX = 8;
/**
 * The most members and list items that are accepted; no payload has more members. class-transformer's time grows with
 * their square.
 */
const MEMBERS_MAX = 250;
/** The limits of the lists that may be longer, by pointer. */
type LongLists = ReadonlyMap<string, number>;

const longLists = new WeakMap<PayloadShape['members'], LongLists>();

function longListsOf({ members }: PayloadShape): LongLists {
  let lists = longLists.get(members);
  if (lists === undefined) {
    lists = new Map(
      Object.entries(members).flatMap(([name, { kind, limits }]) =>
        kind === 'list' && (limits?.max ?? 0) > MEMBERS_MAX ? [[`/${name}`, limits?.max ?? MEMBERS_MAX]] : [],
      ),
    );
    longLists.set(members, lists);
  }
  return lists;
}
/** The most problems in one answer. */
const PROBLEMS_MAX = 20;

/**
 * Yields problems that class-transformer would silently drop or fail on: members named like those of every object
 * (`constructor`, `__proto__`), lists of lists, which it flattens, and deep nesting.
 */
function* shapeProblems(payload: object, longest: LongLists): Generator<PayloadProblem> {
  const waiting: { value: object; pointer: string; depth: number }[] = [
    { value: payload, pointer: '', depth: 1 },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const inList = Array.isArray(next.value);
    const members = inList ? (next.value as unknown[]).length : Object.keys(next.value).length;
    const most = inList && next.depth === 2 ? (longest.get(next.pointer) ?? MEMBERS_MAX) : MEMBERS_MAX;
    if (members > most) {
      yield {
        pointer: next.pointer,
        detail: `has ${members} members; the limit is ${most}`,
      };
      return;
    }
    for (const [name, value] of Object.entries(next.value) as [string, unknown][]) {
      const pointer = `${next.pointer}/${escapeToken(name)}`;
      if (!inList && name in Object.prototype) yield { pointer, detail: NO_MEMBER };
      if (typeof value !== 'object' || value === null) continue;
      if (next.depth === DEPTH_MAX) yield { pointer, detail: 'is nested too deeply' };
      else if (inList && Array.isArray(value)) yield { pointer, detail: 'must not be a list within a list' };
      else waiting.push({ value, pointer, depth: next.depth + 1 });
    }
  }
}

const NO_MEMBER = 'is not a member of this payload';

function problemsOf(error: ValidationError, parent: string): PayloadProblem[] {
  const pointer = `${parent}/${escapeToken(error.property)}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    pointer,
    // class-validator begins a message with the property's name, which the pointer already contains.
    detail: rule === 'whitelistValidation' ? NO_MEMBER : withoutName(message, error.property),
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => problemsOf(child, pointer))];
}

const withoutName = (message: string, name: string): string =>
  message.startsWith(`${name} `) ? message.slice(name.length + 1) : message;
