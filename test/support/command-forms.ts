import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import { closeWithoutAction } from './closing.ts';
import type { Client, RunningService } from './service.ts';

export const formAt = (id: string, command: string, query = '') =>
  `/recommendations/${id}/commands/${command}${query}`;

const date = (name: string, year: string) => ({
  [`${name}-day`]: '3',
  [`${name}-month`]: '4',
  [`${name}-year`]: year,
});

export const DEADLINE = { deadlines: [{ dueOn: '2098-03-31' }] };
const PROPOSED = { text: 'Every force should publish an action plan by the end of 2098.' };
const EVIDENCE = { items: [{ name: 'plan.pdf', sha256: 'a'.repeat(64) }] };
const NO_ACTION = {
  outcome: 'no-further-action',
  reason: 'withdrawn',
  statement: 'The report was withdrawn.',
};
export const LATER = { dueOn: '2099-03-31', reason: 'More time is needed.' };

async function requestCorrection(forms: StagedForms, id: string): Promise<void> {
  const [issue] = await forms.eventsOf(id);
  const body = { eventId: issue?.eventId, publishedOn: '2026-01-02', reason: 'A slip of the pen.' };
  await forms.sendCommand(id, 'inspector', 'request-correction', body);
}

/** A successful use of a command's form: the record, the commands before it, the person and the input. */
interface FormCase {
  readonly issue?: object;
  readonly before?: readonly (readonly [string, string, object])[];
  /** Runs other steps before it. */
  readonly stage?: (forms: StagedForms, id: string) => Promise<unknown>;
  readonly by: string;
  readonly typed?: Readonly<Record<string, string>>;
  /** Returns the choice that is made before the form. */
  readonly query?: (forms: StagedForms, id: string) => Promise<string>;
  readonly event: string;
  /** A person who may send forms, but not this command. */
  readonly not?: string;
}

export const FORM_CASES: Readonly<Record<CommandName, FormCase>> = {
  'start-progress': { by: 'demo-inspector', event: 'ProgressStarted' },
  'return-to-review': {
    before: [['inspector', 'start-progress', {}]],
    by: 'demo-inspector',
    typed: { reason: 'Look again.' },
    event: 'ReturnedToReview',
  },
  'add-comment': {
    by: 'demo-force-lead',
    typed: { text: 'Line one\r\nline two <b>' },
    event: 'CommentAdded',
    not: 'demo-administrator',
  },
  'correct-comment': {
    before: [['demo-force-lead', 'add-comment', { text: 'A slip of the pen.', visibility: 'public' }]],
    by: 'demo-force-lead',
    typed: { text: 'What was meant.', reason: 'A slip.' },
    query: async (forms, id) => `?eventId=${(await forms.eventsOf(id)).at(-1)?.eventId ?? ''}`,
    event: 'CommentAdded',
  },
  'submit-evidence': {
    by: 'demo-force-lead',
    typed: { 'items-0-name': 'plan.txt', 'items-0-sha256': 'a'.repeat(64) },
    event: 'EvidenceSubmitted',
  },
  'accept-evidence': {
    before: [['force-lead', 'submit-evidence', EVIDENCE]],
    by: 'demo-inspector',
    event: 'EvidenceAccepted',
  },
  'reject-evidence': {
    before: [['force-lead', 'submit-evidence', EVIDENCE]],
    by: 'demo-inspector',
    typed: { reason: 'It is of another year.' },
    event: 'EvidenceRejected',
  },
  'request-closure': {
    by: 'demo-inspector',
    typed: { outcome: 'complete', statement: 'Done.' },
    event: 'ClosureRequested',
  },
  'withdraw-closure': {
    before: [['demo-inspector', 'request-closure', { statement: 'Done.' }]],
    by: 'demo-inspector',
    event: 'ClosureWithdrawn',
  },
  'approve-closure': {
    before: [['inspector', 'request-closure', { statement: 'Done.' }]],
    by: 'demo-approver',
    typed: { statement: 'It was seen.' },
    event: 'RecommendationCompleted',
  },
  'refuse-closure': {
    before: [['inspector', 'request-closure', { statement: 'Done.' }]],
    by: 'demo-approver',
    typed: { reason: 'It was not seen.' },
    event: 'ClosureRefused',
  },
  'decide-no-further-action': {
    before: [['inspector', 'request-closure', NO_ACTION]],
    by: 'demo-approver',
    typed: { statement: 'The report was withdrawn.' },
    event: 'NoFurtherActionDecided',
  },
  supersede: {
    by: 'demo-approver',
    typed: { statement: 'The later one says more.' },
    stage: async (forms, id) => {
      const request = {
        outcome: 'superseded',
        supersededBy: await forms.issueRecord(),
        statement: 'See the later one.',
      };
      await forms.as('inspector').command(id, 'request-closure', request);
    },
    event: 'NoFurtherActionDecided',
  },
  reopen: {
    stage: async (forms, id) => forms.close(id),
    by: 'demo-approver',
    typed: { reason: 'It matters again.' },
    event: 'RecommendationReopened',
  },
  'assign-recipient': {
    by: 'demo-approver',
    typed: { recipient: 'kent', reason: 'The bodies were merged.' },
    event: 'RecipientAssigned',
  },
  'assign-owner': { by: 'demo-force-lead', typed: { owner: 'demo-force-lead' }, event: 'OwnerAssigned' },
  'set-deadline': { by: 'demo-inspector', typed: date('dueOn', '2098'), event: 'DeadlineSet' },
  'withdraw-deadline': {
    issue: DEADLINE,
    by: 'demo-approver',
    typed: { reason: 'It was none.' },
    event: 'DeadlineWithdrawn',
  },
  'confirm-deadline': { issue: PROPOSED, by: 'demo-inspector', event: 'DeadlineSet' },
  'dismiss-deadline': { issue: PROPOSED, by: 'demo-inspector', event: 'DeadlineDismissed' },
  'request-extension': {
    issue: DEADLINE,
    by: 'demo-force-lead',
    typed: { ...date('dueOn', '2099'), reason: 'More time is needed.' },
    event: 'ExtensionRequested',
  },
  'grant-extension': {
    issue: DEADLINE,
    before: [['force-lead', 'request-extension', LATER]],
    by: 'demo-inspector',
    event: 'DeadlineExtended',
  },
  'refuse-extension': {
    issue: DEADLINE,
    before: [['force-lead', 'request-extension', LATER]],
    by: 'demo-inspector',
    typed: { reason: 'There was time.' },
    event: 'ExtensionRefused',
  },
  'withdraw-extension': {
    issue: DEADLINE,
    before: [['demo-force-lead', 'request-extension', LATER]],
    by: 'demo-force-lead',
    event: 'ExtensionWithdrawn',
  },
  'publish-response': {
    issue: { responseRequired: true },
    by: 'demo-commissioner',
    typed: { position: 'action-taken', text: 'A plan was published.' },
    event: 'ResponsePublished',
    not: 'demo-force-lead',
  },
  'amend-text': {
    by: 'demo-inspector',
    typed: { title: 'Another title', reason: 'A slip of the pen.' },
    event: 'TextAmended',
  },
  'request-correction': {
    by: 'demo-inspector',
    typed: { recipient: 'kent', reason: 'A slip of the pen.' },
    query: async (forms, id) => `?eventId=${(await forms.eventsOf(id))[0]?.eventId ?? ''}`,
    event: 'CorrectionRequested',
    not: 'demo-approver',
  },
  'approve-correction': {
    stage: requestCorrection,
    by: 'demo-approver',
    event: 'CorrectionApproved',
  },
  'refuse-correction': {
    stage: requestCorrection,
    by: 'demo-inspector',
    typed: { reason: 'It was right.' },
    event: 'CorrectionRefused',
  },
  'redact-comment': {
    before: [['force-lead', 'add-comment', { text: 'A name that must go.', visibility: 'public' }]],
    by: 'demo-approver',
    typed: { reason: 'It names a witness.', confirm: 'yes' },
    query: async (forms, id) => `?eventId=${(await forms.eventsOf(id)).at(-1)?.eventId ?? ''}`,
    event: 'CommentRedacted',
  },
};

export class StagedForms {
  readonly #people: Readonly<Record<string, Client>>;

  /** The members of every record, unless one has others. */
  readonly #members: object;

  constructor(service: RunningService, members: object = {}) {
    this.#members = members;
    const organisations = ['wiltshire'];
    this.#people = {
      inspector: service.as('inspector', { subject: 'api-inspector' }),
      approver: service.as('approver', { subject: 'api-approver' }),
      'force-lead': service.as('force-lead', { subject: 'api-lead', organisations }),
      auditor: service.as('auditor'),
      'demo-inspector': service.as('inspector', { subject: 'demo-inspector' }),
      'demo-force-lead': service.as('force-lead', { subject: 'demo-force-lead', organisations }),
    };
  }

  /** Returns an API client for a role or a development person. */
  as(who: string): Client {
    const client = this.#people[who];
    if (client === undefined) throw new Error(`Nobody is called ${who}`);
    return client;
  }

  async issueRecord(more: object = {}): Promise<string> {
    const { json } = await this.as('inspector').issue({ ...this.#members, ...more });
    return json.recommendations[0]?.id ?? '';
  }

  async close(id: string): Promise<void> {
    const over = { reason: 'withdrawn', statement: 'The report was withdrawn.' };
    await closeWithoutAction(this.as('inspector'), this.as('approver'), id, over);
  }

  async eventsOf(id: string) {
    return (await this.as('auditor').get(`/api/recommendations/${id}/events`)).json.items;
  }

  async sendCommand(id: string, who: string, command: string, body: object): Promise<void> {
    const { status, text } = await this.as(who).command(id, command, body);
    if (status !== 200) throw new Error(`${command} was refused: ${text}`);
  }

  /** Returns a record on which a command's form can be sent, and the form's address. */
  async staged(command: CommandName): Promise<{ readonly id: string; readonly address: string }> {
    const { issue = {}, before = [], stage, query } = FORM_CASES[command];
    const id = await this.issueRecord(issue);
    for (const [who, first, body] of before) await this.sendCommand(id, who, first, body);
    await stage?.(this, id);
    return { id, address: formAt(id, command, await query?.(this, id)) };
  }
}
