import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import type { Identity } from '#identity/identity';
import { personStream } from '#state-machines/person-events';
import { ROLES } from '#state-machines/access';
import { NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { listCalendarLinks, makeCalendarLink, revokeCalendarLink } from './calendar-links.ts';
import { eraseName } from './administer-people.ts';

const parts = new ServiceParts();
const ALL = { recipient: null, kind: null, state: null };

const identity = (role: string, ...bodies: string[]): Identity => ({
  ...viewer(role, ...bodies),
  name: `A ${role}`,
  expiresAt: Infinity,
  issuedAt: NOON,
});
const asking = (who: Identity) => ({ viewer: who, now: NOON, correlationId: 'spec' });
const streamOf = ({ subject }: Identity) => parts.store.readStream(personStream(subject));
const listedTo = async (who: Identity): Promise<string[]> =>
  (await listCalendarLinks(parts, who, { limit: 10 }, NOON)).items.map(({ subject }) => subject).sort();

const forceLead = identity('force-lead', 'avon');
const other = identity('inspector');
const administrator = identity('administrator');

describe('a calendar link', () => {
  test('is listed by the time of the response, to its person and to administrators', async () => {
    await makeCalendarLink(parts, asking(forceLead), ALL);
    await makeCalendarLink(parts, asking(other), { ...ALL, recipient: 'kent' });
    expect(await listedTo(forceLead)).toEqual(['a-force-lead']);
    expect(await listedTo(other)).toEqual(['a-inspector']);
    expect(await listedTo(administrator)).toEqual(['a-force-lead', 'a-inspector']);
    expect(await listedTo(identity('auditor'))).toEqual([]);
  });

  test('is not made for another body, and nothing is appended', async () => {
    const made = makeCalendarLink(parts, asking(forceLead), { ...ALL, recipient: 'kent' });
    await expect(made).rejects.toMatchObject({ code: 'other-organisation' });
    expect(await streamOf(forceLead)).toEqual([]);
  });

  test.each([
    ['its person', forceLead],
    ['who runs the service', administrator],
  ])('is revoked by %s', async (_, who) => {
    const { link } = await makeCalendarLink(parts, asking(forceLead), ALL);
    await revokeCalendarLink(parts, asking(who), link.linkId);
    expect((await streamOf(forceLead)).at(-1)).toMatchObject({
      type: 'CalendarLinkRevoked',
      actor: { subject: who.subject },
      data: { linkId: link.linkId },
    });
    await expect(revokeCalendarLink(parts, asking(who), link.linkId)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test("is unknown to others: they do not revoke it, and nothing is appended to its person's stream", async () => {
    const { link } = await makeCalendarLink(parts, asking(forceLead), ALL);
    const before = await streamOf(forceLead);
    for (const role of ROLES.filter((each) => each !== 'administrator' && each !== 'force-lead')) {
      const revoked = revokeCalendarLink(parts, asking(identity(role, 'avon')), link.linkId);
      await expect(revoked).rejects.toMatchObject({
        code: 'not-found',
        message: 'You have no such calendar link, or it was already revoked',
      });
    }
    expect(await streamOf(forceLead)).toEqual(before);
  });
});

describe("a person's name", () => {
  test.each(ROLES.filter((role) => role !== 'administrator'))(
    'is erased by administrators alone, and nothing is appended: %s',
    async (role) => {
      await parts.people.see(forceLead, {
        actor: { subject: forceLead.subject, roles: [] },
        now: NOON,
        correlationId: 's',
      });
      const before = await streamOf(forceLead);
      expect(before).toHaveLength(1);
      const erased = eraseName(parts, asking(identity(role)), forceLead.subject);
      await expect(erased).rejects.toMatchObject({ code: 'role-not-permitted' });
      expect(await streamOf(forceLead)).toEqual(before);
    },
  );

  test('is erased before the response; a repeated request has no effect', async () => {
    await parts.people.see(forceLead, {
      actor: { subject: forceLead.subject, roles: [] },
      now: NOON,
      correlationId: 's',
    });
    await parts.follow();
    const done = { remains: parts.store.erasedRemains };
    expect(await eraseName(parts, asking(administrator), forceLead.subject)).toEqual(done);
    const events = await streamOf(forceLead);
    expect(JSON.stringify(events)).not.toContain('A force-lead');
    expect(await eraseName(parts, asking(administrator), forceLead.subject)).toEqual(done);
    expect(await streamOf(forceLead)).toEqual(events);
  });

  test('of an unknown user is not found', async () => {
    await expect(eraseName(parts, asking(administrator), 'nobody')).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});
