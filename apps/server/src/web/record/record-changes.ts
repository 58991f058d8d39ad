import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { Envelope } from '#event-sourcing/envelope';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import type { Identity } from '#identity/identity';
import { Following } from '#projections/following/following';
import { personStream } from '#state-machines/person-events';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { seeChanges } from '#use-cases/records/see-record';
import { identityOf } from '../../api/authentication.ts';
import { beginEvents, keepAlive, OpenResponses } from '../../api/open-responses.ts';
import type { OpenLimits } from '../../api/open-responses.ts';
import { RECORDS } from '../../parts.ts';

/** Each open page keeps a connection. */
const PAGES: OpenLimits = {
  ...{ all: 500, ofSubject: 10 },
  are: 'pages receive live updates',
  own: ['of your pages receive live updates', 'close one of them'],
};

type Access = Pick<RecordsAccess, 'store' | 'readModels' | 'lifecycles' | 'commands'>;

/** An open page that is notified of changes. */
interface OpenPage {
  readonly viewer: Identity;
  /** Whether the session is still active. */
  readonly isSignedIn: () => Promise<boolean>;
  readonly record: RecordReference;
  /** The version that the page shows. */
  readonly after: number;
  /** The last version that was sent. */
  sent: number;
  /** Whether the record may have changed since the last check. */
  isStale: boolean;
  isLookedAt: boolean;
}

/**
 * Notifies open pages of changes to their record: the version and the number of new events, without content.
 * Access is checked each time. One follower of the log serves all pages while there are any.
 */
@Injectable()
export class RecordChanges implements BeforeApplicationShutdown {
  readonly #access: Access;
  readonly #open = new OpenResponses(PAGES);
  readonly #pages = new Map<ServerResponse, OpenPage>();
  #following: Promise<Following<Envelope>> | null = null;

  constructor(@Inject(RECORDS) access: Access) {
    this.#access = access;
  }

  /**
   * Opens a page's event stream, which ends with the session.
   * @throws ProblemError if too many are open.
   * @throws CommandRefusedError 404 if the viewer cannot see the record.
   */
  async open(
    reply: FastifyReply,
    { record, after }: { readonly record: RecordReference; readonly after: number },
  ): Promise<void> {
    const { request } = reply;
    const viewer = identityOf(request);
    const response = reply.raw;
    this.#open.refuseTooMany(viewer.subject);
    const isSignedIn = async (): Promise<boolean> => {
      const { session, server } = request;
      if (session === null) return false;
      return (await server.pages.people.findSession(viewer.subject, session.id, server.clock.now())) !== null;
    };
    const page: OpenPage = {
      viewer,
      isSignedIn,
      record,
      after,
      sent: after,
      isStale: true,
      isLookedAt: false,
    };
    // Registered first, so that no later event is missed; earlier ones are checked once.
    this.#pages.set(response, page);
    const close = this.#keepOpen(reply);
    try {
      await this.#follow(request);
      await seeChanges(this.#access, viewer, record, after);
    } catch (error) {
      close();
      throw error;
    }
    if (response.destroyed) {
      reply.hijack();
      close();
      return;
    }
    beginEvents(request, reply);
    await this.#look(response, page);
  }

  /**
   * Keeps the connection until the session ends or the client disconnects; returns a function that closes it.
   */
  #keepOpen(reply: FastifyReply): () => void {
    const { request } = reply;
    const { raw: response } = reply;
    this.#open.add(response, identityOf(request).subject);
    const stop = keepAlive(request, reply);
    const close = (): void => {
      stop();
      this.#open.delete(response);
      this.#pages.delete(response);
      if (this.#pages.size === 0) this.#stopFollowing();
    };
    response.once('close', close);
    return close;
  }

  async #follow(request: FastifyRequest): Promise<void> {
    this.#following ??= this.#begin(request).catch((error: unknown) => {
      this.#following = null;
      throw error;
    });
    await this.#following;
  }

  async #begin({ log }: FastifyRequest): Promise<Following<Envelope>> {
    const { store } = this.#access;
    const following = new Following<Envelope>({
      follower: {
        name: 'record changes',
        bookmark: { from: await store.lastPosition() },
        handle: (batch) => {
          this.#notice(new Set(batch.map(({ streamId }) => streamId)));
          return Promise.resolve();
        },
      },
      log: store,
      // Browsers reconnect by themselves, which starts a new follower.
      retryMs: null,
      onError: (error) => {
        log.error({ err: error }, 'Live updates of pages are interrupted');
        this.#following = null;
        this.#open.end();
      },
    });
    following.start();
    return following;
  }

  #stopFollowing(): void {
    const following = this.#following;
    this.#following = null;
    void following?.then((begun) => begun.stop()).catch(() => undefined);
  }

  #notice(streams: ReadonlySet<string>): void {
    for (const [response, page] of this.#pages)
      if (streams.has(streamOf(page.record)) || streams.has(personStream(page.viewer.subject)))
        void this.#look(response, page);
  }

  /** Checks a record for a page, one check at a time; repeats it if the record changed meanwhile. */
  async #look(response: ServerResponse, page: OpenPage): Promise<void> {
    page.isStale = true;
    if (page.isLookedAt || !response.headersSent) return;
    page.isLookedAt = true;
    try {
      while (page.isStale) {
        page.isStale = false;
        await this.#sendVersion(response, page);
      }
    } catch {
      // The record is no longer visible or readable; the browser reconnects and receives the error.
      response.end();
    } finally {
      page.isLookedAt = false;
    }
  }

  async #sendVersion(response: ServerResponse, page: OpenPage): Promise<void> {
    const { viewer, record, after } = page;
    if (!(await page.isSignedIn())) {
      response.end();
      return;
    }
    const { version, events } = await seeChanges(this.#access, viewer, record, after);
    if (version === page.sent || response.writableEnded || response.destroyed) return;
    page.sent = version;
    // A slow client receives the next version instead.
    if (!response.writableNeedDrain) response.write(`data: ${JSON.stringify({ version, events })}\n\n`);
  }

  /** These streams never end, and a stopping server waits for its connections. */
  beforeApplicationShutdown(): void {
    this.#open.end();
    this.#stopFollowing();
  }
}
