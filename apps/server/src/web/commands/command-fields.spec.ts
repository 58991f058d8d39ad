import { describe, expect, test } from '@jest/globals';
import { commands } from '#state-machines/inspection-recommendation/v1/policy';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import { FormValues } from '../form-values.ts';
import { CONFIRM_FIELD, fieldsFor } from './command-fields.ts';
import type { Subject } from './command-fields.ts';

/** A record on which every command has something to choose from. */
const subject = {
  record: {
    title: 'Title',
    text: 'By the end of 2099',
    owner: null,
    recipient: 'wiltshire',
    deadlines: [{ id: 'd1', kind: 'action', dueOn: '2099-01-01' }],
    pending: {
      extensions: [],
      corrections: [],
      proposals: [{ id: 'd2', suggestedOn: '2099-12-31', source: null }],
    },
  },
  person: 'ann',
  roles: ['inspector'],
  today: '2026-11-24',
  chosen: new FormValues(),
  successor: null,
  redaction: null,
  owners: [],
  correctable: new Map([
    ['e1', ['publishedOn', 'recipient']],
    ['e2', ['dueOn']],
    ['e3', ['confirms']],
  ]),
  timeline: ['e1', 'e2', 'e3'].map((eventId) => ({
    ...{ eventId, type: 'DeadlineSet', headline: 'Deadline set', effectiveOn: '2026-11-24' },
  })),
} as unknown as Subject;

/** A decision names what it decides by the version that was seen; an approved correction takes effect at the mistake. */
const notAsked = (command: CommandName): readonly string[] =>
  command === 'approve-correction' ? ['decides', 'effectiveOn'] : ['decides'];

describe('the fields of a form', () => {
  test.each(Object.keys(commands) as CommandName[])('are the members of the payload of %s', (command) => {
    const { payload } = commands[command];
    const members = Object.keys(payload.members);
    const asked = fieldsFor(command, subject).map(({ name }) => name);
    expect(new Set(asked.filter((name) => name !== CONFIRM_FIELD))).toEqual(
      new Set(members.filter((name) => !notAsked(command).includes(name))),
    );
  });

  test('offer the requests that the person may decide, and their own to take back', () => {
    const extension = (deadlineId: string, requester: string) => ({
      deadlineId,
      requester,
      dueOn: '2100-01-01',
    });
    const correction = (corrects: string, requester: string, confirms?: true) => ({
      ...{ corrects, requester, eventId: `request-${corrects}`, decides: [] },
      ...(confirms && { confirms }),
    });
    const waits = {
      ...subject,
      record: {
        ...subject.record,
        pending: {
          ...subject.record.pending,
          extensions: [extension('d1', 'cli:ann'), extension('d2', 'bob'), extension('d3', 'eve')],
          corrections: [correction('e1', 'ann'), correction('e2', 'bob'), correction('e3', 'bob', true)],
        },
      },
      timeline: subject.timeline.map((item) => (item.eventId === 'e3' ? { ...item, actor: 'ann' } : item)),
    } as unknown as Subject;
    const offered = (command: CommandName, name: string) => {
      const field = fieldsFor(command, waits).find((each) => each.name === name);
      if (field?.kind === 'choice') return field.choices.map(({ value }) => value);
      return field?.kind === 'chosen' ? [field.is?.value] : [];
    };
    for (const command of ['grant-extension', 'refuse-extension'] as const)
      expect(offered(command, 'deadlineId')).toEqual(['d2', 'd3']);
    expect(offered('withdraw-extension', 'deadlineId')).toEqual(['d1']);
    for (const command of ['approve-correction', 'refuse-correction'] as const)
      expect(offered(command, 'eventId')).toEqual(['e2']);
  });

  test('leave out the effective date for the people of the recipient', () => {
    const asked = fieldsFor('add-comment', { ...subject, roles: ['force-lead'] });
    const names = asked.map(({ name }) => name);
    expect(names).toContain('text');
    for (const name of ['visibility', 'effectiveOn']) expect(names).not.toContain(name);
  });
});
