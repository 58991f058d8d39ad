import { ed25519Bytes } from './ed25519.ts';
import { parseVerifierKey } from './signed-note.ts';
import type { SignatureType, VerifierKey } from './signed-note.ts';

/** A log or a witness that is trusted, and where it is asked, if that is said. */
export interface TrustedParty {
  readonly key: VerifierKey;
  readonly url: string | null;
}

/** Whom somebody trusts (C2SP tlog-policy): the logs, the witnesses, and how many of them have to have seen a checkpoint. */
export interface WitnessPolicy {
  readonly logs: readonly TrustedParty[];
  readonly witnesses: readonly TrustedParty[];
  /** Keys of those who examine whole logs (`examiner NAME VKEY`, which tlog-policy does not have). */
  readonly examiners: readonly VerifierKey[];
  /** How many of them have to have examined a record's events (`examiners N`); all of them where no line says it. */
  readonly examinersNeeded: number;
  /** Whether those who signed are as many as are asked for. */
  readonly isQuorum: (signed: readonly VerifierKey[]) => boolean;
}

/** A line of a policy that cannot be used; says which, and in what. */
export class PolicyError extends RangeError {
  override readonly name = 'PolicyError';

  constructor(line: number, detail: string) {
    super(`line ${line} ${detail}`);
  }
}

type Rule = (signed: readonly VerifierKey[]) => boolean;

// eslint-disable-next-line no-control-regex -- these are what a policy may not hold
const NOT_ALLOWED = /[\x00-\x08\x0b-\x1f\x7f]/;
const LINES_MAX = 1_000;
/** Of a whole policy: of 32 logs, witnesses and groups each it takes about a sixth. */
export const POLICY_BYTES_MAX = 64 * 1024;

/** Reads a policy line by line; names are known from the line on that makes them. */
class PolicyReader {
  readonly logs: TrustedParty[] = [];
  readonly witnesses: TrustedParty[] = [];
  readonly examiners: VerifierKey[] = [];
  examinersNeeded: number | null = null;
  quorum: Rule | null = null;
  readonly #examinerNames = new Set<string>();
  readonly #rules = new Map<string, Rule>();
  /** Names that are members of a group already: each witness counts in one way. */
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
        `begins with ${JSON.stringify(what)}, and not with log, witness, group, quorum, examiner or examiners`,
      );
  }

  #party(
    known: TrustedParty[],
    type: SignatureType,
    [vkey = '', url = null, ...more]: readonly (string | null)[],
  ) {
    if (vkey === null || more.length > 0) throw new RangeError('has more than a key and an address');
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

  /** An examiner attests more than a witness does, so its key is nobody else's. */
  #examiner([name = '', vkey = '', ...more]: readonly string[]): void {
    if (more.length > 0) throw new RangeError('has more than a name and a key');
    const key = keyIn(vkey);
    if (key.type !== 'cosignature') throw new RangeError('names a key that is not an examiner’s');
    const parties = [...this.logs, ...this.witnesses].map((party) => party.key);
    if (isAmong([...parties, ...this.examiners], key))
      throw new RangeError('names a key that an earlier line names: an examiner has one of its own');
    if (this.#examinerNames.has(name))
      throw new RangeError(`gives a name that is taken: ${JSON.stringify(name)}`);
    this.#examinerNames.add(name);
    this.examiners.push(key);
  }

  #examinerCount([count = '', ...more]: readonly string[]): void {
    if (this.examinersNeeded !== null) throw new RangeError('is a second number of examiners');
    if (more.length > 0 || !/^[1-9]\d*$/.test(count) || Number(count) > this.examiners.length)
      throw new RangeError(
        `asks for ${JSON.stringify([count, ...more].join(' '))} of ${this.examiners.length} examiners: a number from 1 on`,
      );
    this.examinersNeeded = Number(count);
  }

  #witness([name = '', ...rest]: readonly string[]): void {
    const key = this.#party(this.witnesses, 'cosignature', rest);
    this.#define(name, (signed) => signed.includes(key));
  }

  #define(name: string, rule: Rule): void {
    if (name === '' || name === 'none' || this.#rules.has(name))
      throw new RangeError(`gives a name that is taken: ${JSON.stringify(name)}`);
    this.#rules.set(name, rule);
  }

  #group([name = '', asked = '', ...members]: readonly string[]): void {
    const rules = members.map((member) => this.#rule(member));
    for (const member of members) {
      if (this.#members.has(member)) throw new RangeError(`has the member ${member}, which is one already`);
      this.#members.add(member);
    }
    const count =
      asked === 'all' ? members.length : asked === 'any' ? 1 : /^[1-9]\d*$/.test(asked) ? Number(asked) : 0;
    if (count < 1 || count > members.length)
      throw new RangeError(
        `asks for ${JSON.stringify(asked)} of ${members.length} members: all, any or a number of them`,
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
      throw new RangeError(`names ${JSON.stringify(name)}, which no earlier line makes`);
    return rule;
  }
}

/** Whether a key is one of these, under whatever name and of whatever type. */
function isAmong(keys: readonly VerifierKey[], { key }: VerifierKey): boolean {
  const bytes = ed25519Bytes(key);
  return keys.some((other) => ed25519Bytes(other.key).equals(bytes));
}

/** What octets say, for each of which a character stands here. */
const utf8 = (octets: string): string => Buffer.from(octets, 'latin1').toString();

/** @throws RangeError */
function keyIn(octets: string): VerifierKey {
  const vkey = utf8(octets);
  if (Buffer.from(vkey).toString('latin1') !== octets) throw new RangeError('names a key that is no UTF-8');
  return parseVerifierKey(vkey);
}

/** Names are octets (C2SP tlog-policy, character set), so a policy is read as such. @throws PolicyError naming the line. */
export function parseWitnessPolicy(policy: Uint8Array): WitnessPolicy {
  if (policy.length > POLICY_BYTES_MAX)
    throw new PolicyError(1, `begins a policy of more than ${POLICY_BYTES_MAX} bytes`);
  const lines = Buffer.from(policy).toString('latin1').split('\n');
  if (lines.length > LINES_MAX) throw new PolicyError(LINES_MAX + 1, 'is one too many');
  const reader = new PolicyReader();
  lines.forEach((line, index) => {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    try {
      // In comments as well.
      if (NOT_ALLOWED.test(line)) throw new RangeError('has a control character');
      if (words.length > 0 && words[0]?.startsWith('#') === false) reader.read(words);
    } catch (error) {
      throw new PolicyError(index + 1, (error as Error).message);
    }
  });
  const { logs, witnesses, examiners, quorum } = reader;
  if (quorum === null) throw new PolicyError(lines.length, 'is the last, and none says quorum');
  const examinersNeeded = reader.examinersNeeded ?? examiners.length;
  return { logs, witnesses, examiners, examinersNeeded, isQuorum: quorum };
}
