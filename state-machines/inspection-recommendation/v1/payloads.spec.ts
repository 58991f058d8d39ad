import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import type { PayloadShape } from '#lifecycle/shapes';
import { InvalidPayloadError, validatePayload } from '#lifecycle/validate-payload';
import {
  EmptyPayload,
  IssuePayload,
  NoFurtherActionPayload,
  ReasonPayload,
  RECIPIENTS_MAX,
} from './payloads.ts';
import { commentCapability } from './parts.ts';
import { commands } from './policy.ts';
import { reasonCode } from './record-fields.ts';

const { payload: DecideWithReasonPayload } = commands['refuse-closure'];
const { payload: DecideWithStatementPayload } = commands['approve-closure'];
const { payload: RequestClosurePayload } = commands['request-closure'];
const { payload: SubmitEvidencePayload } = commands['submit-evidence'];

/** Returns the pointers of a body's problems; empty if it is valid. */
function pointersOf(payload: PayloadShape, body: unknown): string[] {
  try {
    validatePayload(payload, body);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidPayloadError)) throw error;
    return error.problems.map(({ pointer }) => pointer);
  }
}

const smallest: [name: string, payload: PayloadShape, body: Record<string, unknown>][] = [
  ['{}', EmptyPayload, {}],
  ['{reason}', ReasonPayload, { reason: 'because' }],
  ['{statement}', DecideWithStatementPayload, { statement: 'done' }],
  ['{text, visibility}', commentCapability.AddCommentPayload, { text: 'a comment', visibility: 'public' }],
  ['{reason, statement}', NoFurtherActionPayload, { reason: 'merged', statement: 'with another' }],
];

describe.each(smallest)('the payload %s', (_, payload, body) => {
  test('is accepted, with an effective date too', () => {
    expect(pointersOf(payload, body)).toEqual([]);
    expect(pointersOf(payload, { ...body, effectiveOn: '2026-02-28' })).toEqual([]);
  });

  test.each([null, '', '2026-02-29', 'today', 20260228])(
    'is refused with the effective date %j',
    (effectiveOn) => {
      expect(pointersOf(payload, { ...body, effectiveOn })).toEqual(['/effectiveOn']);
    },
  );

  test('is refused where a required member is absent, null, blank, or of another type', () => {
    for (const member of Object.keys(body)) {
      const { [member]: __, ...rest } = body;
      expect(pointersOf(payload, rest)).toEqual([`/${member}`]);
      for (const value of [null, '', ' \u0085\u3000', 7, ['x'], {}]) {
        expect(pointersOf(payload, { ...body, [member]: value })).toEqual([`/${member}`]);
      }
    }
  });

  test('is refused with a member that it does not have', () => {
    expect(pointersOf(payload, { ...body, comment: 'x' })).toEqual(['/comment']);
  });
});

describe('a comment', () => {
  test.each(['public', 'internal'])('may be %s', (visibility) => {
    expect(pointersOf(commentCapability.AddCommentPayload, { text: 'x', visibility })).toEqual([]);
  });

  test.each(['private', 'Public', '', null, true])('may not be %j', (visibility) => {
    expect(pointersOf(commentCapability.AddCommentPayload, { text: 'x', visibility })).toEqual([
      '/visibility',
    ]);
  });
});

describe('the subject of a decision', () => {
  test.each(['x', null, {}, 7])('given %j, then the refusal says that it must be a list', (decides) => {
    expect(() => validatePayload(DecideWithReasonPayload, { reason: 'x', decides })).toThrow(
      '/decides must be a list',
    );
  });
});

describe('no further action', () => {
  test('has the reasons of the document', () => {
    expect(reasonCode.values).toEqual([
      'superseded',
      'merged',
      'covered-by-later-inspection',
      'no-longer-applicable',
      'not-accepted',
      'withdrawn',
    ]);
  });

  test.each(reasonCode.values)('may be decided as %s', (reason) => {
    expect(pointersOf(NoFurtherActionPayload, { reason, statement: 'x' })).toEqual([]);
  });

  test.each(['other', 'Superseded', 'superseded '])('may not be decided as %j', (reason) => {
    expect(pointersOf(NoFurtherActionPayload, { reason, statement: 'x' })).toEqual(['/reason']);
    const request = { outcome: 'no-further-action', reason, statement: 'x' };
    expect(pointersOf(RequestClosurePayload, request)).toEqual(['/reason']);
  });
});

describe('an issue', () => {
  const issue = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
    title: 'A title',
    text: 'Forces should act by 30 June 2016.',
    recipients: ['essex'],
    report: { name: 'An inspection', publishedOn: '2016-01-01' },
    ...more,
  });
  const pointers = (more: Record<string, unknown>) => pointersOf(IssuePayload, issue(more));

  test('is accepted with its required members, and with all that it may have', () => {
    expect(pointers({})).toEqual([]);
    expect(
      pointers({
        id: '730',
        recipients: ['essex', 'kent'],
        deadlines: [{ dueOn: '2016-06-30' }, { dueOn: '2016-12-31' }],
        responseRequired: true,
        lifecycle: 'inspection-recommendation',
      }),
    ).toEqual([]);
  });

  test.each(['title', 'text', 'recipients', 'report'])('is refused without its %s', (member) => {
    const { [member]: _, ...rest } = issue();
    expect(pointersOf(IssuePayload, rest)).toEqual([`/${member}`]);
  });

  test.each(['7', 'r-1', '...', 'A.b_c-9', 'x'.repeat(64)])('may have the id %j', (id) => {
    expect(pointers({ id })).toEqual([]);
  });

  test.each(['', ' ', '.', '..', 'a b', 'a/b', 'é', 'x'.repeat(65), 'a\n', null, 7])(
    'may not have the id %j',
    (id) => {
      expect(pointers({ id })).toEqual(['/id']);
    },
  );

  test.each(['essex', 'a', '9-lives', 'x'.repeat(63)])('may be for %j', (recipient) => {
    expect(pointers({ recipients: [recipient] })).toEqual([]);
  });

  test.each(['', 'Essex', '-essex', 'es sex', 'essex.kent', 'x'.repeat(64), 'essex\n', null, 7, ['essex']])(
    'may not be for %j',
    (recipient) => {
      expect(pointers({ recipients: [recipient] })[0]).toMatch(/^\/recipients/);
    },
  );

  test('is for one body at least, for each once, and for at most the permitted number', () => {
    const bodies = (count: number) => Array.from({ length: count }, (_, index) => `force-${index}`);
    expect(pointers({ recipients: [] })).toEqual(['/recipients']);
    expect(pointers({ recipients: ['essex', 'kent', 'essex'] })).toEqual(['/recipients']);
    expect(pointers({ recipients: 'essex' })).toEqual(['/recipients']);
    expect(pointers({ recipients: { 0: 'essex', length: 1 } })).toEqual(['/recipients']);
    expect(pointers({ recipients: bodies(RECIPIENTS_MAX) })).toEqual([]);
    expect(pointers({ recipients: bodies(RECIPIENTS_MAX + 1) })).toEqual(['/recipients']);
  });

  test.each([
    [null, '/report'],
    [[], '/report'],
    ['An inspection', '/report'],
    [{}, '/report/name'],
    [{ name: ' ', publishedOn: '2016-01-01' }, '/report/name'],
    [{ name: 'x'.repeat(501), publishedOn: '2016-01-01' }, '/report/name'],
    [{ name: 'x' }, '/report/publishedOn'],
    [{ name: 'x', publishedOn: '2016-02-30' }, '/report/publishedOn'],
    [{ name: 'x', publishedOn: '2016-01-01', url: 'x' }, '/report/url'],
  ])('is refused with the report %j', (report, pointer) => {
    expect(pointers({ report })[0]).toBe(pointer);
  });

  test.each([
    [null, '/deadlines'],
    [{ dueOn: '2016-06-30' }, '/deadlines'],
    [['2016-06-30'], '/deadlines/0'],
    [[null], '/deadlines/0'],
    [[[{ dueOn: '2016-06-30' }]], '/deadlines/0'],
    [[{ dueOn: '2016-06-30' }, { dueOn: '2016-06-31' }], '/deadlines/1/dueOn'],
    [[{ dueOn: '2016-06-30', kind: 'response' }], '/deadlines/0/kind'],
    [Array.from({ length: 201 }, () => ({ dueOn: '2016-06-30' })), '/deadlines'],
  ])('is refused with the deadlines %j', (deadlines, pointer) => {
    expect(pointers({ deadlines })[0]).toBe(pointer);
  });

  test('has a title of one line and at most 500 characters', () => {
    expect(pointers({ title: 'x'.repeat(500) })).toEqual([]);
    for (const title of ['x'.repeat(501), ' ', 'a\nb', 'a\rb', null])
      expect(pointers({ title })).toEqual(['/title']);
  });

  test.each(['\n', '\t', '\u001b', '\u0085', '\u2028', '\u2029', '\u202e', '\u2066'])(
    'has no title or name of a report with %j, which texts may have',
    (sign) => {
      const said = `one${sign}two`;
      expect(pointers({ title: said })).toEqual(['/title']);
      expect(pointers({ report: { name: said, publishedOn: '2016-01-01' } })).toEqual(['/report/name']);
      expect(pointers({ text: said })).toEqual([]);
    },
  );

  test.each(['responseRequired', 'lifecycle', 'id', 'deadlines'])(
    'may lack %s, and may not have null for it',
    (member) => {
      expect(pointers({ [member]: undefined })).toEqual([]);
      expect(pointers({ [member]: null })).toEqual([`/${member}`]);
    },
  );

  test('follows the one lifecycle that there is', () => {
    expect(pointers({ lifecycle: 'another' })).toEqual(['/lifecycle']);
    expect(pointers({ responseRequired: 'yes' })).toEqual(['/responseRequired']);
  });
});

describe('a media type', () => {
  const faultsOf = (mediaType: unknown) =>
    pointersOf(SubmitEvidencePayload, { items: [{ name: 'a plan', sha256: 'a'.repeat(64), mediaType }] });
  const long = (length: number) => `application/${'x'.repeat(length - 'application/'.length)}`;

  test.each([
    'application/pdf',
    'text/plain',
    'image/svg+xml',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/x-7z-compressed',
    'Application/PDF',
    'application/vnd.a!b#c$d&e^f_g',
    '3gpp/3gpp',
    long(127),
  ])('%s has the form of RFC 6838', (mediaType) => {
    expect(faultsOf(mediaType)).toEqual([]);
  });

  test.each([
    '',
    'pdf',
    'application/',
    '/pdf',
    'application/pdf/a',
    'application /pdf',
    ' application/pdf',
    'application/pdf\n',
    'text/plain; charset=utf-8',
    'text/*',
    '*/*',
    '-a/b',
    'a/.b',
    'a/b(c)',
    'a/b@c',
    'application/pdf Ann Smith rang',
    'application/é',
    long(128),
    7,
    null,
    ['application/pdf'],
  ])('%j has not', (mediaType) => {
    expect(faultsOf(mediaType)).toEqual(['/items/0/mediaType']);
  });
});
