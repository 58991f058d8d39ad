import type { OutboxItem } from '#notifications/outbox/outbox-list';
import type { OperationsSeen } from '../../see-operations.ts';
import type { Element } from '../components/macro-options.ts';
import { longDate, longInstant } from '../dates.ts';
import { StackedTable } from '../lists/stacked-table.tsx';
import { upperFirst } from '#lifecycle/words';
import { FormValues } from '../form-values.ts';
import { EnterPersonForm } from './enter-person-view.tsx';
import { Messages } from './messages-view.tsx';
import { Heading } from './parts.tsx';

interface OperationsOptions {
  readonly seen: OperationsSeen;
  /** The newest messages that failed for good, and those still to be delivered. */
  readonly dead: readonly OutboxItem[];
  readonly waiting: readonly OutboxItem[];
}

export const OperationsView = ({ seen, dead, waiting }: OperationsOptions): Element => (
  <>
    <h1 class="govuk-heading-l">Operations</h1>
    <Health {...seen} />
    <Messages counts={seen.messages} dead={dead} waiting={waiting} />
    <Heading id="people">People</Heading>
    <EnterPersonForm values={new FormValues()} errors={[]} />
    <Versions processes={seen.processes} />
  </>
);

const Health = ({ checks, sweep }: Pick<OperationsSeen, 'checks' | 'sweep'>): Element => (
  <>
    <Heading id="health">Health</Heading>
    <StackedTable
      caption="Checks of this process"
      columns={['Check', 'State']}
      rows={[
        ...checks.map(({ name, ok, detail }) => [upperFirst(name), detail ?? (ok ? 'Well' : 'Not ready')]),
        ['Deadlines swept up to', sweep?.last?.coveredTo ? longDate(sweep.last.coveredTo) : 'No day yet'],
      ]}
    />
  </>
);

const KINDS: Readonly<Record<string, string>> = { server: 'Service', scheduler: 'Scheduler' };

const Versions = ({ processes }: Pick<OperationsSeen, 'processes'>): Element => (
  <>
    <Heading id="versions">Versions</Heading>
    <StackedTable
      caption="Processes that use these read models"
      none="No process has reported yet."
      columns={['Process', 'Kind', 'Version', 'Started', 'Status']}
      rows={processes.map(({ host, pid, kind, version, since, lastSeen, isHeardOf }) => [
        `${host}, process ${pid}`,
        KINDS[kind] ?? kind,
        version,
        longInstant(since),
        isHeardOf ? 'Running' : `No report since ${longInstant(lastSeen)}`,
      ])}
    />
  </>
);
