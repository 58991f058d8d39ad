import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from '#use-cases/problems';
import { visibleState } from '#use-cases/records/visible-record';
import { ANY_RECORD_ID } from '#lifecycle/kind';
import { kinds, recordOf } from '#state-machines/record-streams';
import { referencesOf } from '#use-cases/records/named-record';
import { identityOf } from '../../api/authentication.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { addressOf } from '../lists/list-address.ts';
import { listPath } from '../page-paths.ts';
import { packPath } from './pack-choices.ts';

/** The redirect to a record's pack. */
@ApiExcludeController()
@Controller('audit')
export class RecordPackPages {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get('packs')
  async ofRecord(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { record } = request.query as { readonly record?: string | string[] };
    const id = typeof record === 'string' ? record.trim() : '';
    await reply.redirect(id === '' ? '/audit#packs' : await this.#pathFor(request, id), 303);
  }

  /** Returns the pack page of the first visible record with this id, else a search for it. */
  async #pathFor(request: FastifyRequest, id: string): Promise<string> {
    for (const record of ANY_RECORD_ID.test(id) ? referencesOf(kinds, id) : []) {
      try {
        await visibleState(this.parts, identityOf(request), record);
        return packPath(record);
      } catch (error) {
        if (problemOf(error)?.code !== 'not-found') throw error;
      }
    }
    return addressOf(listPath(recordOf('').kind), new URLSearchParams({ q: id }));
  }
}
