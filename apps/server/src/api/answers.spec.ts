import { describe, expect, test } from '@jest/globals';
import { Documented } from './openapi.ts';
import type { AnswerOf } from './routes.ts';
import type { Answer } from './schemas.ts';
import { ANSWERS } from './schemas.ts';
import { list, namedObject, object, oneOf, optional, orNull } from '#lifecycle/fields';
import type { ValueOf } from '#lifecycle/fields';
import { text, version } from './answer-fields.ts';
import { answerSchemas } from './field-schemas.ts';

const who = { subject: 'ann', name: null, roles: ['auditor'], organisations: [], expiresAt: 'soon' };

describe('a response has the type that its schema describes', () => {
  const part = namedObject('Part', { id: text, version });
  const whole = object({
    kind: oneOf(['one', 'two']),
    owner: orNull(text),
    parts: list(part),
    note: optional(text),
  });
  type Whole = ValueOf<typeof whole>;
  const rest = { owner: null, parts: [{ id: 'a', version: 1 }] };

  test('member by member', () => {
    const wholes: Whole[] = [
      { kind: 'one', ...rest },
      { kind: 'two', ...rest, note: 'n', owner: 'ann' },
      // @ts-expect-error: not one of the two kinds.
      { kind: 'three', ...rest },
      // @ts-expect-error: the kind is required.
      { ...rest },
      // @ts-expect-error: a note is absent, never null.
      { kind: 'one', ...rest, note: null },
      // @ts-expect-error: nor undefined.
      { kind: 'one', ...rest, note: undefined },
      // @ts-expect-error: a part has a version.
      { kind: 'one', ...rest, parts: [{ id: 'a' }] },
      // @ts-expect-error: not in the schema.
      { kind: 'one', ...rest, other: 1 },
    ];
    expect(wholes).toHaveLength(8);
    expect(answerSchemas({ Whole: whole })).toMatchObject({
      Whole: { required: ['kind', 'owner', 'parts'] },
      Part: { required: ['id', 'version'] },
    });
  });

  test('only for names in the document', () => {
    const me: Answer<'Me'> = who;
    // @ts-expect-error: no such schema.
    const none: Answer<'Nobody'> = me;
    expect(none).toBe(me);
    expect(Object.keys(ANSWERS)).toContain('Me');
  });

  test('and has the type of its route: the handler returns no body for an unchanged or a streamed response', () => {
    const record: AnswerOf<'record'> = undefined;
    const calendar: AnswerOf<'calendar'> = 'BEGIN:VCALENDAR';
    const chart: AnswerOf<'statechart'> = '<svg/>';
    // @ts-expect-error: a list always has a response.
    const recommendations: AnswerOf<'list'> = undefined;
    expect([record, calendar, chart, recommendations]).toEqual([
      undefined,
      'BEGIN:VCALENDAR',
      '<svg/>',
      undefined,
    ]);
  });
});

describe('the method of a route', () => {
  test('returns what its route declares, and nothing else compiles', () => {
    class Controller {
      @Documented('me')
      me(_request: object) {
        return who;
      }

      @Documented('me')
      async later() {
        return Promise.resolve(who);
      }

      // @ts-expect-error: a member is missing.
      @Documented('me')
      withoutRoles() {
        const { roles: _, ...others } = who;
        return others;
      }

      // @ts-expect-error: a member has another type.
      @Documented('me')
      withTime() {
        return { ...who, expiresAt: 1 };
      }

      // @ts-expect-error: a member is optional.
      @Documented('me')
      withOrWithout() {
        return { ...who, subject: Math.random() < 2 ? 'ann' : undefined };
      }

      // @ts-expect-error: returns nothing.
      @Documented('me')
      nothing() {
        return undefined;
      }
    }
    const controller = new Controller();
    const request = { method: 'GET', query: {}, routeOptions: {} };
    expect(controller.me(request)).toBe(who);
    expect(() => controller.me({ ...request, query: { year: '2026' } })).toThrow(/year/);
  });
});
