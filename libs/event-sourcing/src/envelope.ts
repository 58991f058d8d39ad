export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: JsonValue;
}

/** The value of a parallel machine: the state of each region. */
export type StateValue = Readonly<Record<string, string>>;

/** The actor of an event. Subjects are opaque; a name belongs to an erasable `person-<subject>` stream. */
export interface Actor {
  readonly subject: string;
  readonly roles: readonly string[];
}

/** The origin of an event: a live command, the import of a register record, or the deadline sweep. */
export type Origin = 'command' | 'import' | 'sweep';

/** The definition under which an event was recorded; the digest identifies its content. */
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

/** JSON pointer from the envelope (RFC 6901), for example `/data/text`. */
export type Pointer = string;

/** The envelope forms: each defines the location of the data and the rules of sealing. */
export type FormNumber = 1;

/**
 * One event as stored and sealed, form 1. `hash` is SHA-256 over the canonical JSON (RFC 8785) of the envelope without
 * `position`, `hash`, `salts` and the sensitive members, so a sensitive value can be erased and the chain of
 * `previousHash` still verifies.
 */
export interface Envelope {
  readonly envelope: FormNumber;
  /** UUIDv5 of the command's id and the event's index in it, so that a retry creates the same event. */
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly streamId: string;
  /** 1, 2, … in the stream. */
  readonly version: number;
  /** A decimal string, increasing, not dense; it belongs to the store and is not part of the sealed bytes. */
  readonly position: string;
  /** UTC, milliseconds; never before the stream's previous event. */
  readonly recordedAt: string;
  /** The plain date (Europe/London) from which the event applies. */
  readonly effectiveOn: string;
  readonly actor: Actor;
  readonly command: {
    readonly id: string;
    readonly name: string;
    /** SHA-256 over salt and canonical request if the caller sent an Idempotency-Key; else null. */
    readonly digest: string | null;
  };
  readonly decision: Decision | null;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly origin: Origin;
  /** Null in streams that follow no lifecycle. */
  readonly lifecycle: LifecycleReference | null;
  /** The machine's value after this event, in stream order. */
  readonly state: StateValue | null;
  readonly data: JsonObject;
  /** 16 random bytes (hex), part of the hash: an event withheld from a copy cannot be guessed from its hash. */
  readonly nonce: string;
  /** For each sensitive value: hex SHA-256 of its salt and the UTF-8 of its canonical JSON. */
  readonly commitments: Readonly<Record<Pointer, string>>;
  /** The 16 random bytes (hex) of each commitment; erased together with the value. */
  readonly salts: Readonly<Record<Pointer, string>>;
  /** Null for version 1. */
  readonly previousHash: string | null;
  readonly hash: string;
}

/** The key in `salts` for the salt of `command.digest`. */
export const COMMAND_DIGEST: Pointer = '/command/digest';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Returns whether a text has the form of a UUID (RFC 9562) of any version. */
export const isUuid = (text: string): boolean => UUID.test(text);
