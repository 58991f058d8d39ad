/**
 * The tables about projections, followers, processes and jobs. The rows of projections are in the tables of
 * generations.
 */
export interface MetaTables {
  projections: {
    name: string;
    /** The number of the generation that queries read. */
    live: number;
    /** The highest generation number so far; numbers are not reused. */
    last_generation: number;
    state: 'running' | 'stuck';
    /** The reason why the projection or its last rebuild stopped. */
    error: string | null;
    error_position: string | null;
    rebuild_requested: number;
    /** The last completed rebuild, as JSON (`LastRebuild`); null before the first. */
    last_rebuild: string | null;
  };
  generations: {
    projection: string;
    generation: number;
    version: number;
    /** The bookmark: the position of the last folded event. */
    position: string;
    /** The number of folded events. */
    events: number;
    /** The stream, version and hash of the last folded event; null before the first. */
    last_stream: string | null;
    last_version: number | null;
    last_hash: string | null;
    /** The hash of the log's first event; null before the first event. */
    first_hash: string | null;
    updated_at: string;
  };
  /** The bookmarks of followers. */
  followers: {
    name: string;
    /** The position of the last handled event. */
    position: string;
  };
  /** Redactions and revocations of a log that lost its end, for events or links that this log does not contain. */
  lost_withdrawals: {
    stream_id: string;
    /** The id of an event or of a calendar link. */
    id: string;
    /** JSON pointers, as JSON; null for a calendar link. */
    pointers: string | null;
  };
  /** The processes of the installation, with their last heartbeat. */
  processes: {
    id: string;
    kind: string;
    host: string;
    pid: number;
    version: string;
    /** Times by the database's clock, because clocks of hosts differ. */
    since: string;
    last_seen: string;
  };
  /** Requested verifications of the log. */
  verifications: {
    id: string;
    /** The requester's subject. */
    asked_by: string;
    /** The time of the request by the database's clock, as are the other times. */
    asked_at: string;
    /** The last heartbeat of the verifying process. */
    heard_at: string;
    finished_at: string | null;
    state: string;
    events: number;
    /** The approximate number of events; null if not known yet. */
    total: number | null;
    /** The result or the error, as JSON; null while the verification runs. */
    outcome: string | null;
  };
  /** The last run of each job. */
  jobs: {
    name: string;
    started_at: string;
    finished_at: string;
    covered_to: string | null;
    recorded: number;
    error: string | null;
  };
}
