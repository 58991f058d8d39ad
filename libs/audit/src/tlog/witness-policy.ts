import { ed25519Bytes } from './ed25519.ts';
import { parseVerifierKey } from './signed-note.ts';
import type { SignatureType, VerifierKey } from './signed-note.ts';

/** A trusted log or witness, and its URL if the policy states one. */
export interface TrustedParty {
  readonly key: VerifierKey;
  readonly url: string | null;
}

/** A witness policy (C2SP tlog-policy): the trusted logs and witnesses, and the quorum of witnesses for a checkpoint. */
export interface WitnessPolicy {
  readonly logs: readonly TrustedParty[];
  readonly witnesses: readonly TrustedParty[];
  /** The keys of examiners of whole logs (`examiner NAME VKEY`, an addition to tlog-policy). */
  readonly examiners: readonly VerifierKey[];
  /** The required number of examiners of a record's events (`examiners N`); all of them by default. */
  readonly examinersNeeded: number;
  /** Reports whether the signers are a quorum. */
  readonly isQuorum: (signed: readonly VerifierKey[]) => boolean;
}

/** An invalid line of a policy; the message names the line and the fault. */
export class PolicyError extends RangeError {
  override readonly name = 'PolicyError';

  constructor(line: number, detail: string) {
    super(`line ${line} ${detail}`);
  }
}

type Rule = (signed: readonly VerifierKey[]) => boolean;

// eslint-disable-next-line no-control-regex -- these characters are not allowed in a policy
const NOT_ALLOWED = /[\x00-\x08\x0b-\x1f\x7f]/;
const LINES_MAX = 1_000;
/** The maximum size of a policy. A policy with 32 logs, witnesses and groups each needs about a sixth of it. */
export const POLICY_BYTES_MAX = 64 * 1024;

/** Parses a policy line by line. A name can be used only after the line that defines it. */
class PolicyReader {
  readonly logs: TrustedParty[] = [];
  readonly witnesses: TrustedParty[] = [];
  readonly examiners: VerifierKey[] = [];
  examinersNeeded: number | null = null;
  quorum: Rule | null = null;
  readonly #examinerNames = new Set<string>();
  readonly #rules = new Map<string, Rule>();
  /** The names that are members of a group, so that each witness counts only once. */
  readonly #members = new Set<string>();

  read(words: readonly string[]): void {
    const [what, ...rest] = words;
    if (what === 'log') this.#party(this.logs, 'note', rest);
    else if (what === 'witness') this.#witness(rest);
    else if (what === 'group') this.#group(rest);
    else if (what === 'quorum') this.#quorum(rest);
    else if (what === 'examiner') this.#examiner(rest);
    else if (what === 'examiners') this.#examinerCount(rest);
    else
      throw new RangeError(
        `begins with ${JSON.stringify(what)} instead of log, witness, group, quorum, examiner or examiners`,
      );
  }

  #party(
    known: TrustedParty[],
    type: SignatureType,
    [vkey = '', url = null, ...more]: readonly (string | null)[],
  ) {
    if (vkey === null || more.length > 0) throw new RangeError('has more than a key and a URL');
    const key = keyIn(vkey);
    if (key.type !== type)
      throw new RangeError(
        type === 'note' ? 'names a key that is not a log’s' : 'names a key that is not a witness’s',
      );
    if (isAmong([...known.map((party) => party.key), ...this.examiners], key))
      throw new RangeError('names a key that an earlier line names');
    known.push({ key, url: url && utf8(url) });
    return key;
  }

  /** Adds an examiner. An examiner's signature attests more than a witness's, so no other party may have the same key. */
  #examiner([name = '', vkey = '', ...more]: readonly string[]): void {
    if (more.length > 0) throw new RangeError('has more than a name and a key');
    const key = keyIn(vkey);
    if (key.type !== 'cosignature') throw new RangeError('names a key that is not an examiner’s');
    const parties = [...this.logs, ...this.witnesses].map((party) => party.key);
    if (isAmong([...parties, ...this.examiners], key))
      throw new RangeError('names a key that an earlier line names: an examiner must have a key of its own');
    if (this.#examinerNames.has(name)) throw new RangeError(`defines a name again: ${JSON.stringify(name)}`);
    this.#examinerNames.add(name);
    this.examiners.push(key);
  }

  #examinerCount([count = '', ...more]: readonly string[]): void {
    if (this.examinersNeeded !== null) throw new RangeError('is a second number of examiners');
    if (more.length > 0 || !/^[1-9]\d*$/.test(count) || Number(count) > this.examiners.length)
      throw new RangeError(
        `requires ${JSON.stringify([count, ...more].join(' '))} of ${this.examiners.length} examiners: use a number from 1`,
      );
    this.examinersNeeded = Number(count);
  }

  #witness([name = '', ...rest]: readonly string[]): void {
    const key = this.#party(this.witnesses, 'cosignature', rest);
    this.#define(name, (signed) => signed.includes(key));
  }

  #define(name: string, rule: Rule): void {
    if (name === '' || name === 'none' || this.#rules.has(name))
      throw new RangeError(`defines a name again: ${JSON.stringify(name)}`);
    this.#rules.set(name, rule);
  }

  #group([name = '', needed = '', ...members]: readonly string[]): void {
    const rules = members.map((member) => this.#rule(member));
    for (const member of members) {
      if (this.#members.has(member)) throw new RangeError(`repeats the member ${member}`);
      this.#members.add(member);
    }
    const count =
      needed === 'all'
        ? members.length
        : needed === 'any'
          ? 1
          : /^[1-9]\d*$/.test(needed)
            ? Number(needed)
            : 0;
    if (count < 1 || count > members.length)
      throw new RangeError(
        `requires ${JSON.stringify(needed)} of ${members.length} members: use all, any or a number of them`,
      );
    this.#define(name, (signed) => rules.filter((rule) => rule(signed)).length >= count);
  }

  #quorum([name = '', ...more]: readonly string[]): void {
    if (this.quorum !== null) throw new RangeError('is a second quorum');
    if (more.length > 0) throw new RangeError('names more than one quorum; make a group of them');
    this.quorum = name === 'none' ? () => true : this.#rule(name);
  }

  #rule(name: string): Rule {
    const rule = this.#rules.get(name);
    if (rule === undefined)
      throw new RangeError(`names ${JSON.stringify(name)}, which no earlier line defines`);
    return rule;
  }
}

/** Reports whether the keys contain this public key, under any name and type. */
function isAmong(keys: readonly VerifierKey[], { key }: VerifierKey): boolean {
  const bytes = ed25519Bytes(key);
  return keys.some((other) => ed25519Bytes(other.key).equals(bytes));
}

/** Decodes octets that were read as Latin-1. */
const utf8 = (octets: string): string => Buffer.from(octets, 'latin1').toString();

/** Parses a key that was read as Latin-1. @throws RangeError */
function keyIn(octets: string): VerifierKey {
  const vkey = utf8(octets);
  if (Buffer.from(vkey).toString('latin1') !== octets) throw new RangeError('names a key that is not UTF-8');
  return parseVerifierKey(vkey);
}

/**
 * Parses a policy as octets, because its names are octets (C2SP tlog-policy, character set).
 * @throws PolicyError that names the line.
 */
export function parseWitnessPolicy(policy: Uint8Array): WitnessPolicy {
  if (policy.length > POLICY_BYTES_MAX)
    throw new PolicyError(1, `begins a policy of more than ${POLICY_BYTES_MAX} bytes`);
  const lines = Buffer.from(policy).toString('latin1').split('\n');
  if (lines.length > LINES_MAX) throw new PolicyError(LINES_MAX + 1, 'is one too many');
  const reader = new PolicyReader();
  lines.forEach((line, index) => {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    try {
      // Comments may not contain control characters either.
      if (NOT_ALLOWED.test(line)) throw new RangeError('has a control character');
      if (words.length > 0 && words[0]?.startsWith('#') === false) reader.read(words);
    } catch (error) {
      throw new PolicyError(index + 1, (error as Error).message);
    }
  });
  const { logs, witnesses, examiners, quorum } = reader;
  if (quorum === null) throw new PolicyError(lines.length, 'is the last, but none defines a quorum');
  const examinersNeeded = reader.examinersNeeded ?? examiners.length;
  return { logs, witnesses, examiners, examinersNeeded, isQuorum: quorum };
}
