import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  count,
  flag,
  freeText,
  identifier,
  list,
  object,
  oneOf,
  optional,
  plainDate,
  sha256,
} from '#lifecycle/fields';
import type { Members } from '#lifecycle/fields';
import { lengthMessage, PAYLOAD_MESSAGES } from '#lifecycle/payload-messages';
import { isPlainDate } from '#lifecycle/plain-date';
import type { PayloadProblem } from '#lifecycle/refused';
import { InvalidPayloadError, validatePayload } from '#lifecycle/validate-payload';
import { BODY_SLUG } from '#state-machines/body-events';
import { FormValues } from '../form-values.ts';
import { dateOf, datePartsOf, payloadOf, fieldsOf } from './fields.ts';
import type { Field } from './fields.ts';
import { formErrors } from './form-errors.ts';

const REASON: Field = { kind: 'text', name: 'reason', label: 'Reason', missing: 'Enter a reason' };
const DATE: Field = { kind: 'date', name: 'dueOn', label: 'By when', missing: 'Enter a date' };

describe('the payload of a form', () => {
  test('omits only fields that may be empty', () => {
    const note: Field = { ...REASON, name: 'note', isOptional: true };
    const values = new FormValues({ reason: ' ', note: ' ' });
    expect(payloadOf([REASON, note], values)).toEqual({ reason: ' ' });
  });

  test('has the line ends of the typed text, not those of the form', () => {
    const values = new FormValues({ reason: 'one\r\ntwo' });
    expect(payloadOf([REASON], values)).toEqual({ reason: 'one\ntwo' });
  });

  test('has a nested member if the name has a dash', () => {
    const fields: Field[] = [
      { ...REASON, name: 'report-name' },
      { ...DATE, name: 'report-publishedOn' },
    ];
    const values = new FormValues({ 'report-name': 'R', 'report-publishedOn': '2026-01-05' });
    expect(payloadOf(fields, values)).toEqual({ report: { name: 'R', publishedOn: '2026-01-05' } });
  });

  test('has the dates that were typed, in order, whichever rows were left empty', () => {
    const field: Field = { ...DATE, kind: 'rows', row: 'Deadline', name: 'deadlines', fields: [DATE] };
    const values = new FormValues({
      'deadlines-0-dueOn-day': '',
      'deadlines-1-dueOn-day': '3',
      'deadlines-1-dueOn-month': '4',
      'deadlines-1-dueOn-year': '2027',
      'deadlines-3-dueOn': '2028-01-01',
    });
    expect(payloadOf([field], values)).toEqual({
      deadlines: [{ dueOn: '2027-04-03' }, { dueOn: '2028-01-01' }],
    });
  });

  test('has the rows into which something was typed as objects, by the kinds of their members', () => {
    const part = object({ name: freeText(), weight: count(), isSpare: flag(), colour: oneOf(['red']) });
    const fields = fieldsOf({ parts: list(part) });
    const values = new FormValues({
      ...{ 'parts-0-name': ' ', 'parts-2-name': 'Lens', 'parts-2-weight': '12', 'parts-2-colour': 'red' },
      ...{ 'parts-3-weight': 'much', 'parts-3-isSpare': 'yes' },
    });
    expect(payloadOf(fields, values)).toEqual({
      parts: [
        { name: 'Lens', weight: 12, isSpare: false, colour: 'red' },
        { name: '', weight: 'much', isSpare: true, colour: '' },
      ],
    });
  });

  test('omits an optional object if all its fields are empty, and otherwise has all its members', () => {
    const maker = optional(object({ name: freeText(), place: object({ town: freeText() }) }));
    const fields = fieldsOf({ maker, tags: optional(list(identifier())) });
    expect(payloadOf(fields, new FormValues({ 'maker-name': ' ', tags: ' ' }))).toEqual({});
    const values = new FormValues({ 'maker-place-town': 'Ashford', tags: 'one\r\n two' });
    expect(payloadOf(fields, values)).toEqual({
      maker: { name: '', place: { town: 'Ashford' } },
      tags: ['one', 'two'],
    });
  });

  test('accepts a list by lines or by commas', () => {
    const field: Field = { ...REASON, kind: 'bodies', name: 'recipients' };
    const values = new FormValues({ recipients: 'kent\r\n\r\nWiltshire, devon' });
    expect(payloadOf([field], values)).toEqual({ recipients: ['kent', 'wiltshire', 'devon'] });
  });
});

describe('a date', () => {
  test.each([
    ['Nov', '2026-11-01'],
    ['november', '2026-11-01'],
    ['JUNE', '2026-06-01'],
    ['ju', '2026-ju-01'],
    ['Novembre', '2026-Novembre-01'],
  ])('may have its month by name: %s', (month, date) => {
    const values = new FormValues({ 'd-day': '1', 'd-month': month, 'd-year': '2026' });
    expect(dateOf(values, 'd')).toBe(date);
  });

  test('that exists is returned from its three fields', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (day) => {
          const date = day.toISOString().slice(0, 10);
          const parts = datePartsOf(new FormValues({ dueOn: date }), 'dueOn');
          const typed = new FormValues(Object.entries(parts).map(([part, text]) => [`dueOn-${part}`, text]));
          expect(dateOf(typed, 'dueOn')).toBe(date);
        },
      ),
    );
  });

  test('that does not exist or is incomplete is never accepted', () => {
    const part = fc.oneof(fc.constantFrom('', '0', '31', '32', 'x', '٣'), fc.string());
    fc.assert(
      fc.property(part, part, part, (day, month, year) => {
        const values = new FormValues({ 'dueOn-day': day, 'dueOn-month': month, 'dueOn-year': year });
        const date = dateOf(values, 'dueOn');
        if (date === undefined) expect((day + month + year).trim()).toBe('');
        else if (isPlainDate(date)) expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      }),
    );
  });
});

/** Returns what the validation reports about a payload. */
function problemsOf(members: Members, payload: object): readonly PayloadProblem[] {
  try {
    validatePayload({ name: 'Test', members }, payload);
    return [];
  } catch (error) {
    if (error instanceof InvalidPayloadError) return error.problems;
    throw error;
  }
}

describe('a problem of a form', () => {
  const problem = (pointer: string, detail: string) => [{ pointer, detail }];

  test('is about its field, in words for people', () => {
    expect(formErrors([REASON], problem('/reason', PAYLOAD_MESSAGES.notBlank), new FormValues())).toEqual([
      { field: 'reason', message: 'Enter a reason' },
    ]);
    expect(formErrors([REASON], problem('/reason', lengthMessage(50_000)), new FormValues())).toEqual([
      { field: 'reason', message: 'Reason must be 50,000 characters or fewer' },
    ]);
    expect(formErrors([DATE], problem('/dueOn', PAYLOAD_MESSAGES.date), new FormValues())).toEqual([
      { field: 'dueOn', message: 'Enter a date, such as 27 3 2026' },
    ]);
    const short = new FormValues({ 'dueOn-day': '1', 'dueOn-month': '3', 'dueOn-year': '27' });
    expect(formErrors([DATE], problem('/dueOn', PAYLOAD_MESSAGES.date), short)).toEqual([
      { field: 'dueOn', message: 'Enter a date: a real date with its year in full, such as 27 3 2026' },
    ]);
  });

  test('names the item of a list', () => {
    const name: Field = { ...DATE, kind: 'line', name: 'name', label: 'Name' };
    const items: Field = { ...DATE, kind: 'rows', row: 'Item', name: 'items', fields: [name] };
    expect(
      formErrors([items], problem('/items/1/name', PAYLOAD_MESSAGES.notBlank), new FormValues()),
    ).toEqual([{ field: 'items-1-name', message: 'Entry 2: enter the name' }]);
    const dates: Field = { ...DATE, kind: 'rows', row: 'Deadline', name: 'deadlines', fields: [DATE] };
    expect(
      formErrors([dates], problem('/deadlines/0/dueOn', '2020-01-31 has passed'), new FormValues()),
    ).toEqual([{ field: 'deadlines-0-dueOn', message: 'Entry 1: 31 January 2020 has passed' }]);
  });

  test('belongs to the form as a whole if it is about no field', () => {
    expect(
      formErrors([REASON], problem('/other', 'is not a member of this payload'), new FormValues()),
    ).toEqual([{ field: null, message: 'Is not a member of this payload' }]);
  });

  test.each([
    ['an absent text', freeText(), undefined],
    ['a blank text', freeText(), ' '],
    ['an absent identifier', identifier(), undefined],
    ['an absent choice', oneOf(['red']), undefined],
    ['an absent digest', sha256(), undefined],
    ['an absent list', list(identifier()), undefined],
    ['an empty list', list(identifier(), undefined, { min: 1 }), []],
    ['an absent object', object({ name: freeText() }), undefined],
  ])('is the field’s own for %s, as the validation reports it', (_, member, value) => {
    expect(formErrors([REASON], problemsOf({ reason: member }, { reason: value }), new FormValues())).toEqual(
      [{ field: 'reason', message: 'Enter a reason' }],
    );
  });

  test('is for people where the validation reports dates, slugs, digests and lengths', () => {
    const bodies: Field = { ...REASON, kind: 'bodies', name: 'bodies', label: 'Bodies' };
    const digest: Field = { ...REASON, kind: 'line', name: 'sha256', label: 'SHA-256' };
    const files: Field = { ...REASON, kind: 'rows', row: 'File', name: 'files', fields: [digest] };
    const problems = problemsOf(
      {
        reason: { ...freeText(), limits: { max: 1_000 } },
        dueOn: plainDate(),
        bodies: list({ ...identifier(), limits: { form: BODY_SLUG } }),
        files: list(object({ sha256: sha256() })),
      },
      { reason: 'x'.repeat(1_001), bodies: ['A B'], files: [{ sha256: 'x' }] },
    );
    expect(formErrors([REASON, DATE, bodies, files], problems, new FormValues())).toEqual([
      { field: 'reason', message: 'Reason must be 1,000 characters or fewer' },
      { field: 'dueOn', message: 'Enter a date, such as 27 3 2026' },
      {
        field: 'bodies',
        message: 'Enter each body by its name or short name, such as avon-and-somerset',
      },
      { field: 'files-0-sha256', message: 'Entry 1: the SHA-256 must be 64 lower-case hexadecimal digits' },
    ]);
  });

  test('is reported once for each place', () => {
    const twice = [
      ...problem('/reason', PAYLOAD_MESSAGES.string),
      ...problem('/reason', PAYLOAD_MESSAGES.notBlank),
    ];
    expect(formErrors([REASON], twice, new FormValues())).toHaveLength(1);
  });
});
