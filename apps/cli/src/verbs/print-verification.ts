import { kinds } from '#state-machines/record-streams';
import type { HistoryDivergence } from '#use-cases/log/verify-history';
import type { Verification } from '#use-cases/log/verify-store';
import type { Terminal } from '../terminal.ts';

/** The number of divergences printed for people. */
const PRINTED_MAX = 20;

export function printVerification(terminal: Terminal, verified: Verification, isExpected: boolean): void {
  const { ok, streams, events, checkpoint, warnings = [] } = verified;
  const of = `${events} events in ${streams} ${streams === 1 ? 'stream' : 'streams'}`;
  if (ok) {
    terminal.line(`${terminal.styled('green', 'Verified')}: ${of}`);
    if (isExpected) terminal.line('The log extends the checkpoint that you kept.');
  } else printDivergences(terminal, of, verified);
  if (checkpoint !== null) terminal.line(`The last checkpoint covers ${checkpoint} events.`);
  for (const { code, position, detail } of warnings)
    terminal.warn(
      `A clock was wrong${position === null ? '' : `, ${PLACES[code]} position ${position}`}: ${detail}`,
    );
}

const PLACES = { 'clock-leap': 'before', 'before-checkpoint': 'at' } as const;

function printDivergences(
  terminal: Terminal,
  of: string,
  { divergences, divergenceCount: count }: Verification,
): void {
  const places = count === 1 ? 'one place' : `${count} places`;
  terminal.line(`${terminal.styled('red', 'Verification failed')}: ${of}, divergences in ${places}:`);
  for (const divergence of divergences.slice(0, PRINTED_MAX))
    terminal.line(`  ${divergenceLine(divergence)}`);
  if (count > PRINTED_MAX) terminal.line(`  and ${count - PRINTED_MAX} more (--json lists the first 100)`);
}

export function divergenceLine({ position, streamId, version, code, detail }: HistoryDivergence): string {
  if (code === 'not-found') {
    const id = kinds.ofStream(streamId ?? '')?.id ?? streamId ?? '';
    return `there is no record ${id}${/\.(zip|pack)$/.test(id) ? ' (to verify an evidence pack, use --pack)' : ''}`;
  }
  const event = version === null ? streamId : `${streamId} version ${version}`;
  const place = [event, position === null ? null : `position ${position}`].filter((part) => part !== null);
  return [...place, code, detail].join(': ');
}
