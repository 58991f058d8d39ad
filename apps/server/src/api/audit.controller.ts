import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseTilePath } from '#audit/tlog/tiles';
import { requestCheckpoint } from '#use-cases/audit/sign-log';
import {
  seeCheckpoint,
  seeConsistency,
  seeEventInclusion,
  seeInclusion,
  seeTile,
} from '#use-cases/audit/see-tree';
import { requestVerification, seeVerifications } from '#use-cases/audit/verify-now';
import { invalidParameter, ProblemError } from '#use-cases/problems';
import { AUDIT } from '../parts.ts';
import type { AuditParts } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { withFreshReads } from './fresh-reads.ts';
import { Documented } from './openapi.ts';
import { OpenLookUps } from './open-answers.ts';
import { queryOf } from './route-query.ts';

const TEXT = 'text/plain; charset=utf-8';
/** One year; a tile of the signed log never changes. */
const IMMUTABLE = 'max-age=31536000, immutable';
const TILES = '/api/audit/tile/';

/** The signed log, for external verifiers. */
@Controller('api/audit')
export class AuditController {
  readonly #parts: AuditParts;
  readonly #lookUps: OpenLookUps;

  constructor(@Inject(AUDIT) parts: AuditParts, lookUps: OpenLookUps) {
    this.#parts = parts;
    this.#lookUps = lookUps;
  }

  @Get('checkpoint')
  @Documented('checkpoint')
  checkpoint(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    void reply.type(TEXT);
    return seeCheckpoint(this.#treeFor(request));
  }

  @Post('checkpoints')
  @Documented('makeCheckpoint')
  async makeCheckpoint(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const call = { viewer: identityOf(request), now: request.server.clock.now(), correlationId: request.id };
    const { isNew, note } = await requestCheckpoint(this.#parts.signing, call);
    void reply.status(isNew ? 201 : 200).type(TEXT);
    return note;
  }

  @Post('verifications')
  @Documented('verifyLog')
  async verify(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { isNew, verification } = await requestVerification(this.#parts.verifications, identityOf(request));
    void reply.status(isNew ? 202 : 200);
    return verification;
  }

  @Get('verifications')
  @Documented('verifications')
  async verifications(@Req() request: FastifyRequest) {
    return { items: await seeVerifications(this.#parts.verifications, identityOf(request)) };
  }

  @Get('tile/*')
  @Documented('tile')
  async tile(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const [path] = request.url.split('?') as [string];
    const tile = parseTilePath(path.slice(TILES.length));
    if (tile === null)
      throw new ProblemError(
        'not-found',
        "There is no such tile. A tile's path is LEVEL/NUMBER or LEVEL/NUMBER.p/WIDTH, as in C2SP tlog-tiles",
      );
    const hashes = await seeTile(this.#treeFor(request), tile);
    const whose = this.#parts.isPublic ? 'public' : 'private';
    await reply
      .type('application/octet-stream')
      .header('cache-control', `${whose}, ${IMMUTABLE}`)
      .send(hashes);
  }

  @Get('proofs/inclusion')
  @Documented('inclusionProof')
  async inclusion(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { index, eventId, recommendation: record, size } = queryOf(request, 'inclusionProof');
    const ofSize = size === undefined ? {} : { size };
    void reply.type(TEXT);
    if (index !== undefined && eventId === undefined && record === undefined)
      return seeInclusion(this.#treeFor(request), { index, ...ofSize });
    if (index !== undefined || eventId === undefined)
      throw invalidParameter('index', 'is required unless eventId is sent. Send exactly one of them');
    if (request.identity === null)
      throw new ProblemError(
        'unauthenticated',
        'Finding an event by its id requires a token. Without one, use index',
      );
    await this.#lookUps.admit(request, reply);
    const query = { eventId, ...(record !== undefined && { record }), ...ofSize };
    return seeEventInclusion(withFreshReads(request, this.#parts), query);
  }

  @Get('proofs/consistency')
  @Documented('consistencyProof')
  async consistency(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { from, to } = queryOf(request, 'consistencyProof');
    if (from === 0n)
      throw invalidParameter('from', 'must be at least 1: there is no proof from an empty log');
    if (from > to) throw invalidParameter('to', 'must not be smaller than from');
    const hashes = await seeConsistency(this.#treeFor(request), { from, to });
    void reply.type(TEXT);
    return hashes.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('');
  }

  #treeFor(request: FastifyRequest): AuditParts['readModels'] {
    return withFreshReads(request, this.#parts).readModels;
  }
}
