import { recordOf } from '#state-machines/record-streams';
import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { commandContext, INSPECTOR, NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { attemptIssue } from '../records/issue-records.ts';
import { referredTo } from './referred-to.ts';
import { recommendation } from '#state-machines/inspection-recommendation/kind';

const parts = new ServiceParts();
const AVON = viewer('force-lead', 'avon');

beforeEach(async () => {
  await attemptIssue(parts, commandContext(INSPECTOR), recommendation, {
    id: '784',
    title: 'Custody',
    text: 'Each force should act.',
    report: { name: 'PEEL 2026', publishedOn: '2026-01-05' },
    recipients: ['avon', 'kent'],
  });
  await parts.issue('800', 'kent');
  await parts.fold();
  // No read model contains it yet.
  await parts.issue('900.late', 'avon');
});

const { kind } = recordOf('1');

describe('a reference that is looked for', () => {
  test.each([
    ['a record', INSPECTOR, '800', { isRecord: true, isIssue: false }],
    ['with spaces around it', INSPECTOR, ' 784.kent ', { isRecord: true, isIssue: false }],
    ['several that were issued together', INSPECTOR, '784', { isRecord: false, isIssue: true }],
    ['one of one’s own body', AVON, '784.avon', { isRecord: true, isIssue: false }],
    ['those together of which one is of one’s own body', AVON, '784', { isRecord: false, isIssue: true }],
    ['one that was issued just now', AVON, '900.late', { isRecord: true, isIssue: false }],
  ])('is found: %s', async (_, who, words, found) => {
    expect(await referredTo(parts, who, { kind, words }, NOON)).toEqual({
      reference: words.trim(),
      ...found,
    });
  });

  test.each([
    ['another body’s record', AVON, '784.kent'],
    ['another body’s alone', AVON, '800'],
    ['what is not there', INSPECTOR, '801'],
    ['words', INSPECTOR, 'custody records'],
    ['what cannot be an id', INSPECTOR, '"784"'],
  ])('is none: %s', async (_, who, words) => {
    expect(await referredTo(parts, who, { kind, words }, NOON)).toBeNull();
  });
});
