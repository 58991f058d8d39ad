import { beforeAll, describe, expect, it } from '@jest/globals';
import { refusal, startService } from '../support/service.ts';
import type { Client, RunningService } from '../support/service.ts';

let service: RunningService;
let inspector: Client;
let forceLead: Client;
let id: string;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
  forceLead = service.as('force-lead', { organisations: ['wiltshire'] });
  id = (await inspector.issue()).json.recommendations[0]?.id as string;
});

const timeline = async (who: Client): Promise<string> =>
  (await who.get(`/api/recommendations/${id}/timeline`)).text;
const found = async (words: string, position: string): Promise<number> =>
  (await inspector.get(`/api/recommendations?q=${words}&minPosition=${position}`)).json.items.length;
const exported = async (format: string): Promise<string> =>
  (await inspector.get(`/api/recommendations/${id}/export?format=${format}`)).text;

describe('a comment without its readers', () => {
  it('is refused in every role, and nothing is appended', async () => {
    const before = (await inspector.get(`/api/recommendations/${id}`)).json.version;
    const detail = 'must be one of the following values: public, internal';
    for (const author of [inspector, forceLead])
      expect(await author.command(id, 'add-comment', { text: 'Who may read it?' })).toMatchObject(
        refusal(400, 'invalid-payload', { errors: [{ pointer: '/visibility', detail }] }),
      );
    expect((await inspector.get(`/api/recommendations/${id}`)).json.version).toBe(before);
  });
});

describe('a comment that its author corrects', () => {
  it('is read, found and exported as corrected; the history keeps both, and a redaction erases both', async () => {
    const added = await forceLead.command(id, 'add-comment', {
      text: 'The wombat is ill.',
      visibility: 'public',
    });
    const { eventId } = added.json.events[0]!;
    const first = { eventId, text: 'The walrus is ill.', reason: 'A slip.' };
    const second = { eventId, text: 'The weasel is ill.', reason: 'Another slip.' };
    const before = await timeline(inspector);
    expect(await inspector.command(id, 'correct-comment', first)).toMatchObject(
      refusal(403, 'separation-of-duties'),
    );
    expect(await timeline(inspector)).toBe(before);
    expect(await forceLead.command(id, 'correct-comment', first)).toMatchObject({ status: 200 });
    const { json } = await forceLead.command(id, 'correct-comment', second);
    const { position } = json;

    for (const text of [await timeline(forceLead), await exported('register')]) {
      expect(text).toContain('The weasel is ill.');
      expect(text).not.toMatch(/wombat|walrus/);
    }
    expect(await timeline(forceLead)).toContain('Comment, corrected');
    expect([await found('wombat', position), await found('walrus', position)]).toEqual([0, 0]);
    expect(await found('weasel', position)).toBe(1);
    const events = (await forceLead.get(`/api/recommendations/${id}/events`)).text;
    for (const text of ['wombat', 'walrus', 'weasel']) expect(events).toContain(text);

    const approver = service.as('approver');
    const redacted = await approver.command(id, 'redact-comment', { eventId, reason: 'It names an animal.' });
    expect(redacted).toMatchObject({ status: 200 });
    expect((await inspector.get(`/api/recommendations/${id}/events`)).text).not.toMatch(
      /wombat|walrus|weasel/,
    );
    const again = { eventId, text: 'The badger is ill.', reason: 'A slip.' };
    expect(await forceLead.command(id, 'correct-comment', again)).toMatchObject(
      refusal(409, 'command-not-allowed'),
    );
  });

  it('stays internal, with the reason', async () => {
    const added = await inspector.command(id, 'add-comment', { text: 'A stoat.', visibility: 'internal' });
    const { eventId } = added.json.events[0]!;
    const body = { eventId, text: 'A ferret.', reason: 'It was no polecat.' };
    expect(await inspector.command(id, 'correct-comment', body)).toMatchObject({ status: 200 });
    expect(await timeline(inspector)).toContain('A ferret.');
    const seen = [await timeline(forceLead), (await forceLead.get(`/api/recommendations/${id}/events`)).text];
    for (const text of seen) expect(text).not.toMatch(/stoat|ferret|polecat/);
  });
});
