import { hash } from 'node:crypto';
import type { JsonValue } from '#event-sourcing/envelope';
import { redactionOf, valueAt } from '#event-sourcing/erasure';
import { canonicalJson } from '../canonical.ts';
import { fromBase64 } from '../tlog/signed-note.ts';
import type { LogRestart } from './check-log.ts';
import type { ComparisonOutcome, HistoryDifference, PackComparison } from './compare-packs.ts';
import type { PackVerdict } from './judge-pack.ts';
import type { PackedEvent } from './lay-out-pack.ts';
import type { PackVerification, VerifiedPack } from './verify-pack.ts';

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
  const { verdict, origin, streamId, events, erased, withheld, unmet } = verification;
  const verdicts: Readonly<Record<PackVerdict, string>> = {
    'does-not-hold': 'Does not hold',
    unanchored: 'Unanchored, it only agrees with itself',
    anchored: `Holds as ${origin} signed it`,
    kept: 'Holds, and follows the checkpoint you kept',
    witnessed: 'Holds, and is witnessed',
    examined: 'Holds, and is examined',
  };
  const isShort = verdict !== 'does-not-hold' && unmet.length > 0;
  const summary = `${streamId ?? 'no record'}, ${events} events, ${values(erased)} erased, ${withheld} withheld`;
  return inOneLine(
    `${verdicts[verdict]}${isShort ? ', but not all that you require is met' : ''}: ${summary}`,
  );
}

/** Returns findings, unmet conditions and warnings, one per line. */
export const findingLines = ({ divergences, unmet, warnings }: PackVerification): string[] =>
  [
    ...divergences.map(({ code, file, detail }) =>
      [code, file, detail].filter((part) => part !== null).join(': '),
    ),
    ...(divergences.some(({ code }) => code === 'zip')
      ? ['A repacked zip is refused. Use the original zip.']
      : []),
    ...unmet.map(({ code, detail }) => `not met: ${code}: ${detail}`),
    ...warnings.map(({ code, file, detail }) => `warning: ${code}: ${file}: ${detail}`),
  ].map(inOneLine);

/** Returns the pack's time, checkpoint and signers, one per line. */
export function anchorLines({ anchors, events, examined }: PackVerification): string[] {
  const { madeAt, madeFor, challenge, checkpoint, cosignatures, unknownSigners, lifecycles } = anchors;
  const line = (label: string, text: string | null): string[] => (text === null ? [] : [`${label}: ${text}`]);
  const roles = madeFor?.roles.join(', ');
  const covered = anchors.keptEvents;
  return [
    ...line('Complete as of', madeAt),
    ...line('Requested by', madeFor && `${madeFor.subject}${roles ? ` (${roles})` : ''}`),
    ...line('Challenge', challenge),
    ...line('Checkpoint', checkpoint && `${checkpoint.size} events, root ${checkpoint.root}`),
    ...cosignatures.flatMap(({ name, at }) => line('Cosigned by', `${name} at ${at ?? 'a time after 9999'}`)),
    ...line('Signatures by keys that you did not supply', unknownSigners.join(', ') || null),
    ...line('Covered by the checkpoint you kept', covered === null ? null : `${covered} of ${events} events`),
    ...lifecycles.flatMap((digest) => line('Lifecycle', digest)),
    ...anchors.begun.map(restartLine),
    ...NOT_PROVED.slice(examined ? 1 : 0).map((what) => `Not proved: ${what}`),
  ].map(inOneLine);
}

const restartLine = ({ origin, before, reason, subject, recordedAt, index }: LogRestart): string =>
  `Change of origin: the log continued as ${origin}, after ${before === null ? 'no checkpoint' : `the checkpoint of ${before.size} events of ${before.origin}, root ${before.root}`}; ` +
  `index ${index}, recorded ${recordedAt} by ${subject}. Reason: ${reason}`;

/** The statements that no pack proves, whatever its verdict. An examined checkpoint proves the first. */
const NOT_PROVED = [
  'that the log has no second history of this record',
  'that people kept to the rules and their roles, beyond the states above',
  'which person each subject belongs to',
  'that no newer pack exists: see the time above, or send a challenge with the next request',
];

/** Returns the result of a comparison, the differing versions, and the findings of each pack, one per line. */
export function comparisonLines(
  { outcome, detail, differences, begun }: PackComparison,
  pack: PackVerification,
  against: PackVerification,
): string[] {
  const place = (side: HistoryDifference['pack']): string =>
    side === null ? 'none' : `index ${side.index}, hash ${side.hash}`;
  return [
    `${OUTCOMES[outcome]}: ${detail}`,
    ...begun.map((each) => `  ${restartLine(each)}`),
    ...differences.map(
      (each) => `  version ${each.version}: ${place(each.pack)}; against: ${place(each.against)}`,
    ),
    ...[pack, against].flatMap((each, at) => [
      `${at === 0 ? 'The pack' : 'Against'}: ${verdictLine(each)}`,
      ...[...findingLines(each), ...anchorLines(each)].map((line) => `  ${line}`),
    ]),
  ].map(inOneLine);
}

const OUTCOMES: Readonly<Record<ComparisonOutcome, string>> = {
  'one-history': 'One history',
  'two-histories': 'Two histories',
  'other-records': 'Other records',
  'not-shown': 'Not shown',
  'not-compared': 'Not compared',
};

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
