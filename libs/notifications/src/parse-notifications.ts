import { InvalidPayloadError, validateAs } from '#lifecycle/validate-payload';
import { SEES_EVERY_BODY } from '#state-machines/access';
import type { SmtpSettings } from './email.ts';
import { NOTICE_KINDS } from './notices.ts';
import type { NoticeSubscription, Target } from './notices.ts';
import type { RetrySettings } from './retry-pause.ts';
import { isAddress, NotificationsFile } from './notification-settings.ts';
import type { DeliveryEntry, SmtpSettingsEntry, SubscriptionSettings } from './notification-settings.ts';

export interface DeliverySettings extends RetrySettings {
  /** The timeout of an attempt. */
  readonly timeoutMs: number;
  /** How long a process owns a message. Afterwards its owner is presumed dead, and another process may send the message. */
  readonly leaseMs: number;
}

/** The settings of the notifications file, with secrets from the environment. */
export interface Notifications {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Null if no mail is sent. */
  readonly smtp: SmtpSettings | null;
  /** The hour of digests, in London time. */
  readonly digestHour: number;
  /** Whether mails to people contain the titles of records. A mail cannot be recalled when a title is redacted. */
  readonly titlesArePublic: boolean;
  readonly startAt: 'end' | 'beginning';
  readonly delivery: DeliverySettings;
  readonly subscriptions: readonly NoticeSubscription[];
}

/** The notifications file is invalid. The message names the place and never quotes a secret. */
export class NotificationsError extends Error {
  override readonly name = 'NotificationsError';
}

const DIGEST_HOUR = 8;

const deliveryOf = ({
  maxAttempts = 12,
  firstPauseSeconds = 30,
  timeoutSeconds = 15,
  leaseSeconds = 90,
}: DeliveryEntry): DeliverySettings => ({
  maxAttempts,
  firstPauseMs: firstPauseSeconds * 1_000,
  timeoutMs: timeoutSeconds * 1_000,
  leaseMs: leaseSeconds * 1_000,
});

/** The settings without a file. */
export const DELIVERY = deliveryOf({});

/**
 * Parses a notifications file.
 * @throws NotificationsError that names each invalid place.
 */
export function parseNotifications(text: string, env: NodeJS.ProcessEnv): Notifications {
  const file = validateFile(text);
  const problems: string[] = [];
  const reader = new Reader(env, problems);
  const smtp = file.smtp === undefined ? null : reader.smtp(file.smtp);
  const ids = new Set<string>();
  const subscriptions = file.subscriptions.map((entry, index) => {
    const place = `/subscriptions/${index}`;
    if (ids.has(entry.id))
      problems.push(`${place}/id repeats ${entry.id}; each subscription needs an id of its own`);
    ids.add(entry.id);
    return reader.subscription(entry, place, file.smtp !== undefined);
  });
  const delivery = deliveryOf(file.delivery ?? {});
  // Another process would send a message that this one is still sending.
  if (delivery.leaseMs <= delivery.timeoutMs)
    problems.push('/delivery/leaseSeconds must be more than timeoutSeconds');
  if (problems.length > 0) throw new NotificationsError(problems.join('; '));
  return {
    baseUrl: file.baseUrl.replace(/\/+$/, ''),
    smtp,
    digestHour: file.digestHour ?? DIGEST_HOUR,
    titlesArePublic: file.titlesArePublic ?? false,
    startAt: file.startAt ?? 'end',
    delivery,
    subscriptions: subscriptions.filter((each) => each !== null),
  };
}

function validateFile(text: string): NotificationsFile {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    // The parser's message quotes the text, which may be a secret.
    const [place = ''] = /\(line \d+ column \d+\)/.exec((error as Error).message) ?? [];
    throw new NotificationsError(`is not valid JSON${place && ` ${place}`}`);
  }
  try {
    return validateAs(NotificationsFile, json);
  } catch (error) {
    if (error instanceof InvalidPayloadError) throw new NotificationsError(error.message);
    throw error;
  }
}

/** Reports whether a text is `whsec_` and the base64 of 24 to 64 bytes, as the Standard Webhooks specification requires. */
function isSecret(text: string): boolean {
  const [, encoded] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  if (encoded === undefined) return false;
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.length >= 24 && bytes.length <= 64 && bytes.toString('base64') === encoded;
}

class Reader {
  readonly #env: NodeJS.ProcessEnv;
  readonly #problems: string[];

  constructor(env: NodeJS.ProcessEnv, problems: string[]) {
    this.#env = env;
    this.#problems = problems;
  }

  smtp({ url: inline, urlFrom, from }: SmtpSettingsEntry): SmtpSettings | null {
    const url = this.#secret({ inline, from: urlFrom, place: '/smtp', name: 'url' });
    if (url === null) return null;
    const place = `/smtp/${inline === undefined ? 'urlFrom' : 'url'}`;
    if (!isAddress(url, ['smtp:', 'smtps:'])) {
      this.#problems.push(`${place} must be an smtp or smtps URL`);
      return null;
    }
    // Other parameters would be options of the mailer: to log mails, to run a program, to bypass TLS.
    if (!/^$|^\?requireTLS=(true|false)$/.test(new URL(url).search)) {
      this.#problems.push(`${place} may end in ?requireTLS=true, but must have no other parameters`);
      return null;
    }
    return { url, from };
  }

  subscription(entry: SubscriptionSettings, place: string, hasSmtp: boolean): NoticeSubscription | null {
    const { id, roles, bodies, kinds, deadlines, when } = entry;
    const bound = roles.find((role) => !SEES_EVERY_BODY.includes(role));
    if (bound !== undefined && bodies === 'all') {
      this.#problems.push(
        `${place}/bodies must list bodies: ${bound} can see only the records of its own bodies`,
      );
    }
    const target = this.#target(entry, place, hasSmtp);
    if (target === null) return null;
    return {
      id,
      target,
      bodies: bodies === 'all' ? null : bodies,
      kinds: kinds ?? NOTICE_KINDS,
      deadlines: deadlines ?? null,
      when: when ?? 'at-once',
    };
  }

  #target({ email, webhook }: SubscriptionSettings, place: string, hasSmtp: boolean): Target | null {
    if ((email === undefined) === (webhook === undefined)) {
      this.#problems.push(`${place} must have either an email or a webhook`);
      return null;
    }
    if (email !== undefined) {
      if (!hasSmtp) this.#problems.push(`${place}/email needs /smtp, the mail server`);
      return { channel: 'email', address: email };
    }
    const { url, secret: inline, secretFrom } = webhook as NonNullable<typeof webhook>;
    const from = `${place}/webhook`;
    const secret = this.#secret({ inline, from: secretFrom, place: from, name: 'secret' });
    if (secret === null) return null;
    if (isSecret(secret)) return { channel: 'webhook', url, secret };
    const member = inline === undefined ? 'secretFrom' : 'secret';
    this.#problems.push(`${from}/${member} must be whsec_ and the base64 of 24 to 64 random bytes`);
    return null;
  }

  /** Returns a secret from the file, or from the environment variable that the file names. */
  #secret({
    inline,
    from,
    place,
    name,
  }: {
    readonly inline: string | undefined;
    readonly from: string | undefined;
    readonly place: string;
    readonly name: string;
  }): string | null {
    if ((inline === undefined) === (from === undefined)) {
      this.#problems.push(`${place} must have either ${name} or ${name}From`);
      return null;
    }
    if (inline !== undefined) return inline;
    const value = this.#env[from as string];
    if (value === undefined || value === '') {
      this.#problems.push(`${place}/${name}From names ${from}; set this environment variable`);
      return null;
    }
    return value;
  }
}
