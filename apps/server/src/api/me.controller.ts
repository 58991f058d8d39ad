import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { waitForLog } from './fresh-reads.ts';
import { Documented } from './openapi.ts';

/** The last instant that ISO 8601 writes with a four-digit year. */
const LAST_INSTANT_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** The caller, according to their token. */
@Controller('api/me')
export class MeController {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get()
  @Documented('me')
  async me(@Req() request: FastifyRequest) {
    await waitForLog(request, this.parts, () => undefined);
    const { subject, name, roles, organisations, expiresAt } = identityOf(request);
    const until = new Date(Math.min(expiresAt, LAST_INSTANT_MS)).toISOString();
    return { subject, name, roles, organisations, expiresAt: until };
  }
}
