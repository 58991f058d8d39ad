interface Calls {
  task(input: unknown): unknown;
}

/** The tasks of a thread by name, each with one input and one output. */
export type Tasks = Readonly<Record<string, Calls['task']>>;

/** A result whose buffers are moved instead of copied: the thread no longer owns them. */
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

/** A request for a task, with the id of its response; the id is null if no response is needed. */
export type TaskRequest = readonly [id: number | null, task: string, input: unknown];

/** A message from the thread: that it is ready, or why it never will be; a response; or an unrequested report. */
export type ThreadMessage =
  | 'ready'
  | { readonly unusable: EncodedError }
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly failed: EncodedError }
  | { readonly report: unknown };

/** Batches the messages of one microtask turn. One message for all costs a fraction of one message each. */
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

/** An error in a form that can be sent between threads: structured cloning would lose its name and members. */
export interface EncodedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Its `code` and other members. */
  readonly members: object;
}

export function encodeError(error: unknown): EncodedError {
  if (!isError(error)) return { name: 'Error', message: String(error), stack: undefined, members: {} };
  const { name, message, stack, cause: _, ...members } = error;
  return { name, message, stack, members: cloneMembers(members) };
}

/** Returns a copy of an error's members; none if one of them cannot be cloned. */
function cloneMembers(members: object): object {
  try {
    return structuredClone(members);
  } catch {
    return {};
  }
}

// Reports whether a value is an error, of any realm: better-sqlite3 throws errors of the realm that loaded it first.
const isError = (error: unknown): error is Error =>
  error instanceof Error ||
  (typeof error === 'object' && error !== null && 'message' in error && 'name' in error);

/** Returns an error with everything except its class. Callers check `code`. */
export function decodeError({ name, message, stack, members }: EncodedError): Error {
  const error = Object.assign(new Error(message), members, { name });
  if (stack !== undefined) error.stack = stack;
  return error;
}
