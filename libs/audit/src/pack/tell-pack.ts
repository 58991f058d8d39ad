import { SEPARATING_OR_TURNING } from '#lifecycle/text-rules';
import type { JsonValue } from '#event-sourcing/envelope';
import { redactionOf, valueAt } from '#event-sourcing/erasure';
import { canonicalJson } from '../canonical.ts';
import type { PackedEvent } from './lay-out-pack.ts';
import type { PackVerification, VerifiedPack } from './verify-pack.ts';

const STEERING = new RegExp(String.raw`[\u0000-\u001f\u007f-\u009f${SEPARATING_OR_TURNING}]`, 'gu');

/** A text in one line: what would steer a terminal, or turn the direction of writing, is shown as an escape. */
export const inOneLine = (text: string): string =>
  text.replaceAll(STEERING, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);

const values = (count: number): string => `${count} ${count === 1 ? 'value' : 'values'}`;

/** The verdict in a line, with how many values are not there. */
export function verdictLine(verification: PackVerification): string {
  const { verdict, origin, streamId, events, erased, withheld } = verification;
  const said: Readonly<Record<PackVerification['verdict'], string>> = {
    'does-not-hold': 'Does not hold',
    unanchored: 'Unanchored, it only agrees with itself',
    anchored: `Holds as ${origin} signed it`,
    kept: 'Holds, and follows the checkpoint you kept',
    witnessed: 'Holds, and is witnessed',
  };
  const of = `${streamId ?? 'no record'}, ${events} events, ${values(erased)} erased, ${withheld} withheld`;
  return inOneLine(`${said[verdict]}: ${of}`);
}

/** What does not hold, a line each, and whether less was found than was asked for. */
export const divergenceLines = ({ divergences, ...verification }: PackVerification): string[] => [
  ...divergences.map(({ code, file, detail }) =>
    inOneLine([code, file, detail].filter((part) => part !== null).join(': ')),
  ),
  ...(divergences.some(({ code }) => code === 'zip')
    ? ['A zip that was packed again is refused, whatever is in it. Take the zip as you got it.']
    : []),
  ...(verification.required !== null && !verification[verification.required]
    ? [`It is not ${verification.required}, which was required.`]
    : []),
];

/** The record as its events tell it, in lines; texts are as they were written, but for what steers a terminal. */
export function recordLines({ events, withheld }: Pick<VerifiedPack, 'events' | 'withheld'>): string[] {
  const gone = new Map<string, string>();
  for (const { version, pointer, code } of withheld) gone.set(`${version} ${pointer}`, `withheld (${code})`);
  const versions = new Map(events.map(({ eventId, version }) => [eventId, version]));
  for (const event of events) {
    const redaction = redactionOf(event);
    const meant = redaction && versions.get(redaction.eventId);
    for (const pointer of redaction?.erased ?? [])
      gone.set(`${meant} ${pointer}`, `erased by version ${event.version}`);
  }
  return events.flatMap((event) => linesOf(event, gone));
}

function linesOf(event: PackedEvent, gone: ReadonlyMap<string, string>): string[] {
  const { version, recordedAt, type, actor, effectiveOn, data, commitments, state } = event;
  const missing = Object.keys(commitments).filter((pointer) => valueAt(event, pointer) === undefined);
  return [
    inOneLine(`${version}. ${type} by ${actor.subject}, recorded ${recordedAt}, holds on ${effectiveOn}`),
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
  const text = typeof value === 'string' ? value : canonicalJson(value);
  const [first = '', ...more] = text.split('\n');
  return [`   ${member}: ${first}`, ...more.map((line) => `   | ${line}`)].map(inOneLine);
}
