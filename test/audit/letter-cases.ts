import { canonicalJson } from '#audit/canonical';
import type { JsonValue } from '#event-sourcing/envelope';
import type { PackCode } from '#audit/pack/findings';
import { eventPath } from '#audit/pack/pack-names';
import { letterPack, recommit } from './pack-kit.ts';
import type { AlterableEvent } from './pack-kit.ts';
import { bad, edit, good, listed } from './vector-cases.ts';
import type { Case } from './vector-cases.ts';

const base = 'letter';
const FIRST = eventPath(1);

/** Returns cases made with the log's key: everything is sealed, listed, proved and signed. */
const signed = (code: PackCode, table: Readonly<Record<string, Parameters<typeof letterPack>[0]>>): Case[] =>
  bad(
    code,
    Object.fromEntries(
      Object.entries(table).map(([name, alter]) => [
        `a letter: ${name}`,
        { base, altered: letterPack(alter) },
      ]),
    ),
  );

/** Packs of another kind of record, with its own rules. */
export const LETTERS: readonly Case[] = [
  ...good({
    'a letter': { base, prints: true },
    'a letter, and no key': { base, verdict: 'consistent', options: { key: [] } },
  }),
  ...listed(
    'commitment',
    { 'a letter: another text': edit(FIRST, (text) => text.replace('Dear Kent', 'Dear Avon')) },
    base,
  ),
  ...listed(
    'hash',
    {
      'a letter: another text, to which its event is committed anew': edit(FIRST, (text) => {
        const event: unknown = JSON.parse(text);
        recommit(event as AlterableEvent, '/data/text', 'Dear Avon');
        return canonicalJson(event as JsonValue);
      }),
    },
    base,
  ),
  ...signed('stream', {
    'an event taken out from between': (events) => events.toSpliced(1, 1),
    'an event of a recommendation': (events) => {
      events[2]!.streamId = 'recommendation-1';
    },
  }),
  ...signed('state', {
    'answered before it was sent': (events) => {
      const [first, , , answered] = events as [AlterableEvent, unknown, unknown, AlterableEvent];
      return [first, Object.assign(answered, { version: 2 })];
    },
    'another state than the move leads to': (events) => {
      events[1]!.state = { post: 'answered' };
    },
    'a state of a recommendation': (events) => {
      events[3]!.state = { progress: 'complete' };
    },
  }),
];
