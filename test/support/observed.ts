import type { AppendEnd, StoreObserver, SubscriptionDrop } from '#event-sourcing/store-observer';

/** Returns an observer that records a store's reports. */
export function keepingObserver() {
  const ends: AppendEnd[] = [];
  const seconds: number[] = [];
  const groups: { readonly commits: number; readonly events: number }[] = [];
  const drops: SubscriptionDrop[] = [];
  const observer: StoreObserver = {
    appended(append) {
      ends.push(append.outcome);
      seconds.push(append.seconds);
    },
    groupWritten(commits, events) {
      groups.push({ commits, events });
    },
    subscriptionDropped(reason) {
      drops.push(reason);
    },
  };
  return { observer, ends, seconds, groups, drops };
}
