export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: JsonValue;
}

/** The value of a parallel machine: the state of each region. */
export type StateValue = Readonly<Record<string, string>>;

/** The actor of an event. Subjects are opaque; a person's name is in an erasable `person-<subject>` stream. */
export interface Actor {
  readonly subject: string;
  readonly roles: readonly string[];
}

/** The origin of an event: a live command, the import of a register record, or the deadline sweep. */
export type Origin = 'command' | 'import' | 'sweep';

/** The definition under which an event was recorded. The digest identifies its content. */
export type LifecycleReference = {
  readonly name: string;
  readonly version: number;
  readonly digest: string;
};

/** The role that permitted a command, and the guards that were checked. Null for import and sweep. */
export interface Decision {
  readonly role: string;
  readonly guards: readonly string[];
}

/** A JSON pointer (RFC 6901) from the envelope, for example `/data/text`. */
export type Pointer = string;

/** The envelope forms. Each defines the location of the data and the rules of sealing. */
export type FormNumber = 1;

/**
 * An event as stored and sealed, form 1. `hash` is the SHA-256 of the canonical JSON (RFC 8785) of the envelope without `position`, `hash`,
 * `salts` and the sensitive members. So a sensitive value can be erased, and the chain of `previousHash` still verifies.
 */
export interface Envelope {
  readonly envelope: FormNumber;
  /** The UUIDv5 of the command's id and the event's index in it, so that a retry creates the same event. */
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly streamId: string;
  /** The event's number in the stream, from 1. */
  readonly version: number;
  /** A decimal string that increases with gaps. The store assigns it; it is not sealed. */
  readonly position: string;
  /** A UTC instant with milliseconds, never before the stream's previous event. */
  readonly recordedAt: string;
  /** The plain date (Europe/London) from which the event applies. */
  readonly effectiveOn: string;
  readonly actor: Actor;
  readonly command: {
    readonly id: string;
    readonly name: string;
    /** The SHA-256 of salt and canonical request if the caller sent an Idempotency-Key; otherwise null. */
    readonly digest: string | null;
  };
  readonly decision: Decision | null;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly origin: Origin;
  /** Null in streams without a lifecycle. */
  readonly lifecycle: LifecycleReference | null;
  /** The machine's value after this event, in stream order. */
  readonly state: StateValue | null;
  readonly data: JsonObject;
  /** 16 random bytes (hex), part of the hash, so that an event withheld from a copy cannot be guessed from its hash. */
  readonly nonce: string;
  /** For each sensitive value, the hex SHA-256 of its salt and the UTF-8 of its canonical JSON. */
  readonly commitments: Readonly<Record<Pointer, string>>;
  /** The 16 random bytes (hex) of each commitment, erased together with the value. */
  readonly salts: Readonly<Record<Pointer, string>>;
  /** Null for version 1. */
  readonly previousHash: string | null;
  readonly hash: string;
}

/** The key in `salts` for the salt of `command.digest`. */
export const COMMAND_DIGEST: Pointer = '/command/digest';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reports whether a text has the form of a UUID (RFC 9562) of any version. */
export const isUuid = (text: string): boolean => UUID.test(text);
