import { hash } from 'node:crypto';
import type { JsonValue } from '#event-sourcing/envelope';
import { redactionOf, valueAt } from '#event-sourcing/erasure';
import { canonicalJson } from '../canonical.ts';
import { fromBase64 } from '../tlog/signed-note.ts';
import type { Adoption } from './check-log.ts';
import type { PackedEvent } from './lay-out-pack.ts';
import type { PackVerdict, PackVerification, VerifiedPack } from './verify-pack.ts';

/**
 * Characters that control a terminal, change the writing direction or are invisible: control and format
 * characters, white space except the space, surrogates and private use. The ranges equal those of
 * docs/pack-format.md and verify.py, so that all verifiers escape the same characters.
 */
const INVISIBLE =
  // eslint-disable-next-line no-control-regex, no-misleading-character-class -- it escapes these characters
  /[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{10ffff}]/gu;

/** Returns a text on one line, with invisible characters escaped. */
export const inOneLine = (text: string): string =>
  text.replaceAll(INVISIBLE, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);

const values = (count: number): string => `${count} ${count === 1 ? 'value' : 'values'}`;

/** Returns the verdict line, with the record's id and the numbers of missing values. */
export function verdictLine(verification: PackVerification): string {
  const { verdict, origin, streamId, events, erased, withheld, witnesses } = verification;
  const verdicts: Readonly<Record<PackVerdict, string>> = {
    'does-not-hold': 'Does not hold',
    consistent: 'Consistent with itself, but nobody vouches for it',
    signed: `Signed by ${origin}`,
    witnessed: `Signed by ${origin}, and witnessed by ${witnesses.length}`,
  };
  const summary = `${streamId ?? 'no record'}, ${events} events, ${values(erased)} erased, ${withheld} withheld`;
  return inOneLine(`${verdicts[verdict]}: ${summary}`);
}

/** Returns findings and warnings, one per line. */
export const findingLines = ({ divergences, warnings }: PackVerification): string[] =>
  [
    ...divergences.map(({ code, file, detail }) =>
      [code, file, detail].filter((part) => part !== null).join(': '),
    ),
    ...(divergences.some(({ code }) => code === 'zip')
      ? ['A repacked zip is refused. Use the original zip.']
      : []),
    ...warnings.map(({ code, file, detail }) => `warning: ${code}: ${file}: ${detail}`),
  ].map(inOneLine);

/** Returns the pack's time, checkpoint and signers, one per line. */
export function anchorLines(verification: PackVerification): string[] {
  const { madeAt, madeFor, checkpoint, signers, witnesses, stampedAt, keptEvents } = verification;
  const roles = madeFor?.roles.join(', ');
  const lines: readonly (string | null)[] = [
    madeAt &&
      `Made on ${madeAt} for ${madeFor?.subject}${roles ? ` (${roles})` : ''} (the operator’s statement)`,
    checkpoint && `Checkpoint: ${checkpoint.size} events, root ${checkpoint.root}`,
    ...signers.map((key) => `Signed with your key ${key}`),
    ...witnesses.map(({ name, at }) => `Witnessed by ${name} at ${at ?? 'a time after 9999'}`),
    witnesses.length > 0 ? 'A witness that the operator runs proves nothing.' : null,
    stampedAt &&
      `Time stamp: the checkpoint existed before ${stampedAt}. The dates that people entered are not proved.`,
    keptEvents === null
      ? null
      : `Your checkpoint: the log extends it, and ${keptEvents} of ${verification.events} events were already in it`,
    ...verification.lifecycles.map((digest) => `Lifecycle: ${digest}`),
    ...verification.adoptions.map(adoptionLine),
  ];
  return lines.filter((line) => line !== null).map(inOneLine);
}

const adoptionLine = ({ recordedAt, reason, lost }: Adoption): string =>
  `Store adopted on ${recordedAt}, which lost ${lost === null ? 'no checkpoint' : `the checkpoint of ${lost.size} events, root ${lost.root}`}. Reason: ${reason}`;

/** What no pack proves, whatever its verdict. docs/pack-format.md contains these lines. */
export const NOT_PROVED: readonly string[] = [
  'that its last event is the record’s last',
  'that the log has no other history of the record',
  'that people kept to rules and roles, that contents are true, and who people are',
  'who asked for erasure',
];

/** Those lines, which a verifier shows first, directly below its verdict. */
export const notProvedLines = (): string[] => NOT_PROVED.map((what) => `Not proved: ${what}`);

/** Returns the record's events as lines. Texts are unchanged except for escaped invisible characters. */
export function recordLines({ read, withheld }: Pick<VerifiedPack, 'read' | 'withheld'>): string[] {
  const { events, indices } = read;
  const reasons = new Map<string, string>();
  for (const { version, pointer, code } of withheld)
    reasons.set(`${version} ${pointer}`, `withheld (${code})`);
  const versions = new Map(events.map(({ eventId, version }) => [eventId, version]));
  for (const event of events) {
    const redaction = redactionOf(event);
    const redactedVersion = redaction && versions.get(redaction.eventId);
    for (const pointer of redaction?.erased ?? [])
      reasons.set(`${redactedVersion} ${pointer}`, `erased by version ${event.version}`);
  }
  return events.flatMap((event) => linesOf(event, indices.events.get(event.version), reasons));
}

function linesOf(event: PackedEvent, index: bigint | undefined, gone: ReadonlyMap<string, string>): string[] {
  const { version, recordedAt, type, actor, effectiveOn, data, commitments, state } = event;
  const missing = Object.keys(commitments).filter((pointer) => valueAt(event, pointer) === undefined);
  return [
    inOneLine(
      `${version}. ${type} by ${actor.subject}, effective ${effectiveOn}, recorded ${recordedAt}, index ${index ?? 'not proved'}`,
    ),
    ...Object.entries(data).flatMap(([member, value]) => memberLines(member, value)),
    ...missing.map((pointer) =>
      inOneLine(`   ${pointer}: ${gone.get(`${version} ${pointer}`) ?? 'is missing'}`),
    ),
    inOneLine(
      `   State: ${Object.entries(state ?? {})
        .map((pair) => pair.join(' '))
        .join(', ')}`,
    ),
  ];
}

function memberLines(member: string, value: JsonValue): string[] {
  const text =
    typeof value !== 'string' ? canonicalJson(value) : member === 'source' ? fileInWords(value) : value;
  const [first = '', ...more] = text.split('\n');
  return [`   ${member}: ${first}`, ...more.map((line) => `   | ${line}`)].map(inOneLine);
}

/** Returns a description of an imported file, which is base64: its length and digest. */
function fileInWords(source: string): string {
  const bytes = fromBase64(source) ?? Buffer.from(source);
  return `${bytes.length} bytes, SHA-256 ${hash('sha256', bytes, 'hex')}`;
}
