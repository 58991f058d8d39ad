import type { Envelope, Pointer } from './envelope.ts';
import type { CommandRequest } from './event-store.ts';

/** An envelope before sealing: without the command's digest, nonce, commitments, salts and hash. */
export type UnsealedEnvelope = Omit<
  Envelope,
  'command' | 'nonce' | 'commitments' | 'salts' | 'hash' | 'position'
> & {
  readonly command: { readonly id: string; readonly name: string };
};

export type SealedEnvelope = Omit<Envelope, 'position'>;

/** Hashing and randomness, injected into stores, which contain no cryptography. */
export interface Sealer {
  /** Returns the UUIDv5 of the command's id and the event's index in the command. */
  eventId(commandId: string, index: number): string;
  /** Seals an envelope: draws a nonce, commits to each sensitive value with a new salt, and hashes the envelope. */
  seal(
    envelope: UnsealedEnvelope,
    sensitive: readonly Pointer[],
    request: CommandRequest | null,
  ): SealedEnvelope;
}
