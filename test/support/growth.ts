const ROUNDS = 5;

/**
 * By how much the work of the processor grows from one size to another: the least of some rounds each, in turns. It is the
 * processor's time that is taken, so that what else the machine does matters little.
 */
export async function growthOf(
  work: (size: number) => unknown,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<number> {
  const least = { from: Infinity, to: Infinity };
  for (let round = 0; round < ROUNDS; round++) {
    least.from = Math.min(least.from, await processorMicroseconds(work, from));
    least.to = Math.min(least.to, await processorMicroseconds(work, to));
  }
  return least.to / least.from;
}

async function processorMicroseconds(work: (size: number) => unknown, size: number): Promise<number> {
  const before = process.cpuUsage();
  await work(size);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
