import { expect, test } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { OpenPacks } from './open-answers.ts';

test('given one person who requests pack after pack, then they are refused for the rest of a minute, and others are not', async () => {
  const packs = new OpenPacks();
  const request = async (subject: string): Promise<void> => {
    const raw = new ServerResponse(new IncomingMessage(new Socket()));
    const [identity, server] = [
      { subject, organisations: [] as readonly string[] } as FastifyRequest['identity'],
      { ownOrganisations: [] as readonly string[] } as FastifyRequest['server'],
    ];
    await packs.admit({ identity, server } as FastifyRequest, { raw } as FastifyReply);
    raw.emit('close');
  };
  // They may start at the end of a minute.
  const requests = Array.from({ length: 121 }, () => () => request('ann'));
  await expect(requests.reduce((before, next) => before.then(next), Promise.resolve())).rejects.toMatchObject(
    {
      code: 'rate-limited',
      message: 'You have requested 60 evidence packs in this minute, the limit. Try again in the next minute',
    },
  );
  await request('bob');
});
