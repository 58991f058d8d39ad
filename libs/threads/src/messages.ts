interface Calls {
  task(input: unknown): unknown;
}

/** What a thread can be asked: by its name each task, of one value, with one answer. Who asks gives it what it takes. */
export type Tasks = Readonly<Record<string, Calls['task']>>;

/** An answer whose buffers are handed over instead of copied: the thread no longer has them. */
export class Moved<Output> {
  readonly output: Output;
  readonly buffers: readonly ArrayBuffer[];

  constructor(output: Output, buffers: readonly ArrayBuffer[]) {
    this.output = output;
    this.buffers = buffers;
  }
}

export type Input<Of extends Tasks, Name extends keyof Of> = Parameters<Of[Name]>[0];
type Unmoved<Answer> = Answer extends Moved<infer Output> ? Output : Answer;
export type Output<Of extends Tasks, Name extends keyof Of> = Unmoved<Awaited<ReturnType<Of[Name]>>>;

/** A task, with the number of its answer; null where none is wanted. */
export type Ask = readonly [id: number | null, task: string, input: unknown];

/** What the thread says: that it can be asked, or why it never can; an answer; or a report that nobody asked for. */
export type Told =
  | 'ready'
  | { readonly unusable: EncodedError }
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly failed: EncodedError }
  | { readonly report: unknown };

/** Gathers what is said in one turn of the microtasks: one message for all costs a fraction of one each. */
export class Outbox<Message> {
  readonly #post: (messages: readonly Message[], moved: ArrayBuffer[]) => void;
  #messages: Message[] = [];
  #moved: ArrayBuffer[] = [];

  constructor(post: (messages: readonly Message[], moved: ArrayBuffer[]) => void) {
    this.#post = post;
  }

  add(message: Message, moved: readonly ArrayBuffer[] = []): void {
    for (const buffer of moved) this.#moved.push(buffer);
    if (this.#messages.push(message) === 1) queueMicrotask(this.flush);
  }

  readonly flush = (): void => {
    const [messages, moved] = [this.#messages, this.#moved];
    if (messages.length === 0) return;
    [this.#messages, this.#moved] = [[], []];
    this.#post(messages, moved);
  };
}

/** An error as it crosses a thread, where a copied one would lose its name and its members. */
export interface EncodedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Its `code`, and what else it has. */
  readonly members: object;
}

export function encodeError(error: unknown): EncodedError {
  if (!isError(error)) return { name: 'Error', message: String(error), stack: undefined, members: {} };
  const { name, message, stack, cause: _, ...members } = error;
  return { name, message, stack, members: copied(members) };
}

/** None where one of them cannot cross a thread. */
function copied(members: object): object {
  try {
    return structuredClone(members);
  } catch {
    return {};
  }
}

// better-sqlite3 throws the errors of the realm that loaded it first.
const isError = (error: unknown): error is Error =>
  error instanceof Error ||
  (typeof error === 'object' && error !== null && 'message' in error && 'name' in error);

/** Has all that the error had but its class: callers look at `code`. */
export function decodeError({ name, message, stack, members }: EncodedError): Error {
  const error = Object.assign(new Error(message), members, { name });
  if (stack !== undefined) error.stack = stack;
  return error;
}
