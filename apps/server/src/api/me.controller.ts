import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { identityOf } from './authentication.ts';
import { Documented } from './openapi.ts';
import { queryOf } from './route-query.ts';

/** The last instant that ISO 8601 writes with a year of four digits. */
const LAST_INSTANT_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Who the caller is, as their token says. */
@Controller('api/me')
export class MeController {
  @Get()
  @Documented('me')
  me(@Req() request: FastifyRequest) {
    queryOf(request, 'me');
    const { subject, name, roles, organisations, expiresAt } = identityOf(request);
    const until = new Date(Math.min(expiresAt, LAST_INSTANT_MS)).toISOString();
    return { subject, name, roles, organisations, expiresAt: until };
  }
}
