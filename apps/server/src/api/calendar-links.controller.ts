import { Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { IsIn, IsString, Matches, ValidateIf } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { londonDate } from '#lifecycle/plain-date';
import { validatePayload } from '#lifecycle/validate-payload';
import { Service } from '#platform/service';
import { calendarLinkOwner, queryCalendarLinks } from '#projections/calendar-links/calendar-links-projection';
import { DUE_STATES } from '#state-machines/inspection-recommendation/v1/deadlines';
import { RECIPIENT } from '#state-machines/inspection-recommendation/v1/payloads';
import { RUNS_SERVICE } from '#state-machines/access';
import { identityOf } from './authentication.ts';
import { calendarLinkPath } from './calendar-link-access.ts';
import { Documented } from './openapi.ts';
import { personCall } from './people.controller.ts';
import { ProblemError } from './problems.ts';
import { limitOf, LIST_PAGE, queryOf, publicAddress } from './request-values.ts';
import { namedBody } from './visible-record.ts';

/** How long an answer waits for the lists to know of it. */
const LISTED_MS_MAX = 2_000;
const KINDS = ['action', 'response'] as const;
const IsOptionalMember = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

/** What a calendar link shows; without a member, everything that the person may see. */
export class CalendarLinkPayload {
  @IsOptionalMember()
  @IsString()
  @Matches(RECIPIENT, { message: 'must be the slug of a body' })
  recipient?: string;

  @IsOptionalMember()
  @IsIn(KINDS)
  kind?: (typeof KINDS)[number];

  @IsOptionalMember()
  @IsIn(DUE_STATES)
  state?: (typeof DUE_STATES)[number];
}

/** Addresses for calendar programs, which can send no token: each person makes and revokes their own. */
@Controller('api/calendar-links')
export class CalendarLinksController {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  @Post()
  @HttpCode(201)
  @Documented('makeCalendarLink')
  async make(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    queryOf(request, []);
    const { recipient, kind, state } = validatePayload(CalendarLinkPayload, request.body);
    const filter = {
      recipient: namedBody(request, recipient) ?? null,
      kind: kind ?? null,
      state: state ?? null,
    };
    const { people } = this.#service;
    const identity = identityOf(request);
    const made = await people.makeCalendarLink(identity, filter, personCall(request));
    const { linkId: id, expiresOn } = made.link;
    await this.#service.reached(made.position, LISTED_MS_MAX);
    // What holds a secret is kept nowhere on its way.
    void reply.header('cache-control', 'no-store');
    const path = calendarLinkPath(identity.subject, { linkId: id, secret: made.secret });
    const url = `${publicAddress(this.#service, request)}${path}`;
    return { id, url, path, expiresOn, ...filter, position: made.position };
  }

  @Get()
  @Documented('calendarLinks')
  async list(@Req() request: FastifyRequest) {
    const { limit, cursor } = queryOf(request, ['limit', 'cursor']);
    const { subject, roles } = identityOf(request);
    const isAdministrator = RUNS_SERVICE.some((role) => roles.includes(role));
    return queryCalendarLinks(this.#service.readModels, {
      ...(!isAdministrator && { subject }),
      ...(cursor !== undefined && { cursor }),
      today: londonDate(Date.now()),
      limit: limitOf(limit, LIST_PAGE),
    });
  }

  @Delete(':id')
  @HttpCode(204)
  @Documented('revokeCalendarLink')
  async revoke(@Req() request: FastifyRequest, @Param('id') id: string): Promise<void> {
    queryOf(request, []);
    const { subject, roles } = identityOf(request);
    const { people, readModels } = this.#service;
    if (await people.revokeCalendarLink(subject, id, personCall(request))) return;
    // Others' links are the administrator's to revoke; to everybody else they are not there.
    const owner = RUNS_SERVICE.some((role) => roles.includes(role))
      ? await calendarLinkOwner(readModels, id)
      : null;
    if (owner !== null && (await people.revokeCalendarLink(owner, id, personCall(request)))) return;
    throw new ProblemError('not-found', 'You have no such calendar link, or it is revoked already');
  }
}
