import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { londonDate } from '#lifecycle/plain-date';
import { LIFECYCLE } from '#platform/docket';
import { Service } from '#platform/service';
import { mermaidOf } from '#statechart/mermaid';
import { svgOf } from '#statechart/svg';
import { recordChart } from '#use-cases/records/record-chart';
import { Documented } from './openapi.ts';
import { ProblemError } from './problems.ts';
import { mediaTypeOf, queryOf, viewOf } from './request-values.ts';
import { visibleWithoutTexts } from './visible-record.ts';

const MEDIA_TYPES = ['application/json', 'image/svg+xml', 'text/vnd.mermaid'] as const;

/** A picture is opened by itself as well: it may then bring its style, and nothing else. */
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** A record in its statechart, as data, as a picture, or as text for Mermaid. */
@Controller('api/recommendations/:id/statechart')
export class StatechartController {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  @Get()
  @Documented('statechart')
  async statechart(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') id: string,
  ) {
    const now = Date.now();
    const view = viewOf(queryOf(request, ['effectiveOn', 'knownAt']), now);
    const events = await visibleWithoutTexts(this.#service, request, id);
    const mediaType = mediaTypeOf(request, reply, MEDIA_TYPES);
    const chart = recordChart(events, view, londonDate(now), LIFECYCLE);
    if (chart === null) {
      throw new ProblemError('not-found', 'The record did not exist then, or was not known yet');
    }
    if (mediaType === 'application/json') return chart;
    void reply.header('content-type', `${mediaType}; charset=utf-8`);
    if (mediaType === 'text/vnd.mermaid') return mermaidOf(chart);
    void reply.header('content-security-policy', PICTURE_POLICY);
    return svgOf(chart);
  }
}
