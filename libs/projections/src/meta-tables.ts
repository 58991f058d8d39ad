/** What is known of each projection; the rows themselves are in the tables of a generation. */
export interface MetaTables {
  projections: {
    name: string;
    /** The generation that queries read. */
    live: number;
    /** The highest number that a generation had, so that none is used twice. */
    last_generation: number;
    state: 'running' | 'stuck';
    /** Why the projection, or its last rebuild, stopped. */
    error: string | null;
    error_position: string | null;
    rebuild_requested: number;
    /** How the last rebuild ended that switched, as JSON (`LastRebuild`); null before the first. */
    last_rebuild: string | null;
  };
  generations: {
    projection: string;
    generation: number;
    version: number;
    /** The bookmark: the position of the last event in the rows. */
    position: string;
    /** How many events of the log that makes. */
    events: number;
    /** That event: its stream, its version there, and its hash; null before the first. */
    last_stream: string | null;
    last_version: number | null;
    last_hash: string | null;
    /** The hash of the log's first event; null before it. */
    first_hash: string | null;
    updated_at: string;
  };
  /** How far those have come who act on what is in the log. */
  followers: {
    name: string;
    /** Of the last event that was dealt with. */
    position: string;
  };
  /** What was withdrawn in a log of which the end was lost, and this log does not have (yet). */
  lost_withdrawals: {
    stream_id: string;
    /** Of an event, or of a calendar link. */
    id: string;
    /** JSON pointers, as JSON; null for a calendar link. */
    pointers: string | null;
  };
  /** The processes of the installation, as they were heard of last. */
  processes: {
    id: string;
    kind: string;
    host: string;
    pid: number;
    version: string;
    /** By the database's clock, like the next one: the clocks of several hosts may differ. */
    since: string;
    last_seen: string;
  };
  /** Verifications of the log that people asked for. */
  verifications: {
    id: string;
    /** The subject. */
    asked_by: string;
    /** By the database's clock, like the other times. */
    asked_at: string;
    /** When the process that verifies was heard of last. */
    heard_at: string;
    finished_at: string | null;
    state: string;
    events: number;
    /** About how many there are; null where that is not known yet. */
    total: number | null;
    /** What was found, or why it failed, as JSON; null while it runs. */
    outcome: string | null;
  };
  /** How the last run of each job ended. */
  jobs: {
    name: string;
    started_at: string;
    finished_at: string;
    covered_to: string | null;
    recorded: number;
    error: string | null;
  };
}
