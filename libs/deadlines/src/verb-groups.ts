import { isBeside, wordsOf, type Word } from './sentence-words.ts';
import { ARTICLE, isOfAddressed, isOfBodies, isOfNew, isSeveral, PREPOSITION } from './subjects.ts';

type Mood =
  /** "should publish", "is to publish", "we recommend", "ensure". */
  | 'duty'
  /** "should have published": done by then, or missed. */
  | 'duty-done'
  /** "will publish". */
  | 'will'
  /** "may apply". */
  | 'may'
  /** "plans to publish", "we will publish". */
  | 'plan'
  /** "was", "had published", "would publish". */
  | 'past'
  /** "has published". */
  | 'perfect'
  /** "published", without a verb before it: a past tense, or the participle of a noun. */
  | 'participle'
  /** "ends", "is published". */
  | 'present';

export interface VerbGroup {
  readonly mood: Mood;
  /** The indexes, in the part, of its first word and of the word after its last. */
  readonly from: number;
  readonly to: number;
  /** The modal verb, or the verb of a past or participle. */
  readonly verb: string;
  /** Whether it belongs to a clause about a noun ("which expired") or a circumstance ("when it closed"). */
  readonly isAside: boolean;
}

export interface Part {
  readonly words: readonly Word[];
  readonly groups: readonly VerbGroup[];
}

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

export const ASKED = set(
  'required expected asked ordered directed recommended obliged instructed invited urged requested needed bound advised ' +
    'supposed told given reminded',
);
const PLANS = set(
  'plan plans intend intends hope hopes aim aims propose proposes expect expects anticipates undertakes promises pledges commits agrees',
);
const WE = set('we i committee inspectorate commission coroner court tribunal');
const DUTY_WORDS = set(
  'recommend recommends require requires ensure ensures ensuring please essential vital imperative ask asks urge urges ' +
    'direct directs invite invites instruct instructs',
);
/** Verbs that begin an instruction. */
const IMPERATIVES = set(
  'act add address adopt agree align allocate amend appoint apply approve arrange assess assign audit authorise brief bring build carry cease change ' +
    'check circulate clarify clear close commission communicate compile complete conclude conduct confirm consider consult contact convene coordinate correct ' +
    'create define delete deliver demonstrate deploy design determine develop display distribute draft draw eliminate embed end enforce engage enhance equip establish evaluate examine expand ' +
    'explain explore extend file finalise fit fix follow formalise fund give hold identify implement improve include increase ' +
    'inform inspect install integrate introduce investigate issue join keep launch let liaise list maintain make manage map measure meet minimise modify monitor move notify ' +
    'obtain offer order organise outline oversee pay place plan prepare present prevent prioritise procure produce promote protect provide publish put raise re-examine re-issue reassess record recruit rectify redesign reduce refer ' +
    'refresh register reinforce remind remove renew repair replace reply report respond restore revise review roll run seek ' +
    'send set share show sign simplify specify standardise stop strengthen submit supervise supply support tackle take tell test train transfer undertake update upgrade use verify vet withdraw write',
);
/** Words before the verb of an instruction. */
const OPENS = /^(?:[:,)]|please|then|also|urgently|immediately|\d{1,3})?$/;
const EVENTS = set(
  'listed heard open close expire end lapse begin start retire follow become come result vote visit inspect re-inspect inspected re-inspected reinspected visited return revisit',
);
const BEFORE_MONTH =
  /^(?:in|of|by|since|until|till|from|before|after|during|for|early|mid|late|last|next|this|every|each)$/;
/** "Firefighters usually qualify within three years." */
const HABITUAL = /^(?:usually|normally|typically|generally|often|sometimes|ordinarily)$/;
const LEADS_NOUN = set('a an the this that its their our his her any no all of for in with as these those');
const ASIDE = set(
  'who which whom whose where when why if than as while although because whether what those these whenever until once unless',
);
const FORESEEN =
  /^(?:scheduled|planned|projected|estimated|predicted|anticipated|intended|hoped|meant|set|designed|committed|determined)$/;
const AIM = /^(?:plan|aim|target|intention|ambition|goal|objective|hope)$/;
const BOUND = /^(?:duty|responsibility|obligation|permission|leave|notice|orders?)$/;
const NOT_NEEDED =
  /^(?:of|in|for|and|or|are|is|were|was|should|must|by|at|on|with|not|that|which|who|before)$/;

type Found = Pick<VerbGroup, 'mood' | 'to' | 'verb'> | null;

export function partOf(text: string): Part {
  const words = wordsOf(text);
  const groups: VerbGroup[] = [];
  for (let at = 0; at < words.length;) {
    const found = groupAt(
      words,
      at,
      groups.some(({ mood }) => mood === 'duty'),
    );
    if (found === null) {
      at = afterInfinitive(words, at);
      continue;
    }
    const isAside = isReportAside(words, groups.at(-1)?.to ?? 0, at);
    // "Those who need extra help".
    const isState = isAside && /^needs?$/.test(found.verb) && textAt(words, at + 1) !== 'to';
    const mood = isState ? 'present' : isAside ? found.mood : moodBySubject(words, groups, found, at);
    groups.push({ ...found, mood, from: at, isAside });
    at = found.to;
  }
  return { words, groups };
}

/** Returns the mood of a verb by its subject. */
function moodBySubject(
  words: readonly Word[],
  groups: readonly VerbGroup[],
  found: NonNullable<Found>,
  from: number,
): Mood {
  const { mood, verb, to } = found;
  const isForeseen = verb === 'expected' && mood === 'may';
  if (mood === 'will' || isForeseen) {
    // "Intends that all stations will have it."
    const isIntended = groups.at(-1)?.verb.startsWith('intend') === true;
    const isPassive =
      textAt(words, from) === 'are' && textAt(words, to + 1) === 'be' && words[to + 2]?.kind === 'past';
    if (
      !isIntended &&
      !isOfAddressed(words, groups, {
        from,
        to: isForeseen && isPassive ? to + 3 : to,
      })
    )
      return 'plan';
  }
  if (isForeseen && textAt(words, from) === 'are' && isOfBodies(words, from) && !isOutcome(words, to + 1))
    return 'duty';
  return verb === 'is' && mood === 'duty' && textAt(words, to - 2) === 'be' && isOfNew(words, from)
    ? 'plan'
    : mood;
}

const textAt = (words: readonly Word[], at: number): string => words[at]?.text ?? '';

function pastBeside(words: readonly Word[], at: number): number {
  let next = at;
  while (isBeside(words[next]?.text)) next += 1;
  return next;
}

/** Returns the index after "be", "been" and a participle that follow an auxiliary. */
function pastVerb(words: readonly Word[], at: number): number {
  let next = pastBeside(words, at);
  while (/^(?:be|been|being|have|get)$/.test(textAt(words, next))) next = pastBeside(words, next + 1);
  if (words[next]?.kind === 'past') return next + 1;
  // "Be deep cleaned", "be risk assessed".
  const isCompound =
    /^(?:be|been)$/.test(textAt(words, next - 1)) &&
    words[next]?.kind === 'other' &&
    !ARTICLE.test(textAt(words, next)) &&
    !PREPOSITION.test(textAt(words, next));
  return isCompound && words[next + 1]?.kind === 'past' ? next + 2 : next;
}

/** Returns the index after "to be", "having" or "be", which may precede a participle: "to be published". */
const afterInfinitive = (words: readonly Word[], at: number): number =>
  /^(?:be|been|being|having|get)$/.test(textAt(words, at)) ||
  (textAt(words, at) === 'to' && /^(?:be|have)$/.test(textAt(words, at + 1)))
    ? Math.max(pastVerb(words, at + 1), at + 1)
    : at + 1;

function groupAt(words: readonly Word[], at: number, isAsked: boolean): Found {
  const word = textAt(words, at);
  const before = textAt(words, at - 1);
  const next = pastBeside(words, at + 1);
  const to = at + 1;
  switch (word) {
    case 'should':
    case 'must':
    case 'shall':
    case 'ought':
      return modal(words, at);
    case 'need':
    case 'needs':
      if (textAt(words, to) === 'not') return { mood: 'present', to: mainVerb(words, to), verb: word };
      // Not the noun: "her needs".
      return (word === 'need' || words[next]?.kind === 'other' || (next >= words.length - 1 && !isAsked)) &&
        !NOT_NEEDED.test(textAt(words, next)) &&
        (!LEADS_NOUN.has(before) || (before === 'this' && textAt(words, next) === 'to')) &&
        !before.endsWith("'s")
        ? { mood: 'duty', to: next + 1, verb: word }
        : null;
    case 'will': {
      return expectedEvent(words, at, mainVerb(words, at + 1));
    }
    case 'may':
      // Not the month.
      if (/\d/.test(before) || /^\d/.test(textAt(words, at + 1)) || BEFORE_MONTH.test(before)) return null;
      return { mood: 'may', to: mainVerb(words, at + 1), verb: word };
    case 'would':
    case 'could':
    case 'might':
      // "We would be grateful", "Could you".
      if (word === 'would' && /^(?:we|i|you)$/.test(before))
        return { mood: 'duty', to: next + 1, verb: word };
      if (textAt(words, to) === 'be' && /^(?:helpful|useful|appreciated)$/.test(textAt(words, at + 2)))
        return { mood: 'may', to: at + 3, verb: word };
      return { mood: 'past', to: mainVerb(words, at + 1), verb: word };
    case 'was':
    case 'were':
    case 'had':
    case 'did':
      return {
        mood: 'past',
        to: pastVerb(words, at + 1),
        verb: textAt(words, pastVerb(words, at + 1) - 1),
      };
    case 'is':
    case 'are':
      return being(words, at, next);
    case 'do':
      // In the style of courts: "that the father do return the child".
      return IMPERATIVES.has(textAt(words, to)) && before !== 'to'
        ? { mood: 'duty', to: to + 1, verb: word }
        : null;
    case 'has':
    case 'have':
      return having(words, at, next);
    default:
      return plainVerb(words, at, isAsked);
  }
}

const OCCURS = /^(?:take (?:place|effect)|go live|come into)$/;
const phraseAt = (words: readonly Word[], at: number): string =>
  `${textAt(words, at)} ${textAt(words, at + 1)}`;

/** Reports whether an infinitive is an event: "is to close by", "is to open to all by", but not "is to close the ward by". */
const happens = (words: readonly Word[], at: number): boolean =>
  OCCURS.test(phraseAt(words, at)) ||
  ((EVENTS.has(textAt(words, at)) || MOVES.test(textAt(words, at))) &&
    (at + 1 >= words.length || AFTER_EVENT.test(textAt(words, at + 1))));
/** Verbs for changes that happen to the subject itself, which are not a duty of someone else. */
const MOVES = /^(?:convert|relocate|merge|transfer|cease)$/;
const AFTER_EVENT = /^(?:to|in|at|on|for|as|with|into|there|here|again)$/;

/** Events that can also be actions: "the contract will end", "how it will end the practice". */
const ENDS = /^(?:begin|close|end|open|start)$/;

/** Returns the verb group of an expected event, which is a plan and not a duty: "we will return". */
function expectedEvent(words: readonly Word[], at: number, to: number): Found {
  const isEvent =
    /^(?:not|never|no)$/.test(textAt(words, at + 1)) ||
    (EVENTS.has(textAt(words, to - 1)) && (happens(words, to - 1) || !ENDS.test(textAt(words, to - 1)))) ||
    OCCURS.test(phraseAt(words, to - 1));
  return { mood: isEvent ? 'plan' : 'will', to, verb: textAt(words, at) };
}

/** Returns the index after the main verb of a modal: "will then publish". */
function mainVerb(words: readonly Word[], at: number): number {
  const to = pastVerb(words, at);
  return to === pastBeside(words, at) && words[to]?.kind !== 'mark' ? Math.min(to + 1, words.length) : to;
}

function modal(words: readonly Word[], at: number): Found {
  const verb = textAt(words, at);
  const next = pastBeside(words, at + 1);
  const to = mainVerb(words, at + 1);
  const isDone = textAt(words, next) === 'have' && words[to - 1]?.kind === 'past';
  return { mood: isDone ? 'duty-done' : 'duty', to, verb };
}

/** Returns the verb group of "is …": a duty, a plan or a present. */
function being(words: readonly Word[], at: number, next: number): Found {
  const word = textAt(words, next);
  if (
    word === 'responsible' ||
    word === 'incumbent' ||
    word === 'payable' ||
    (word === 'for' && textAt(words, at - 1) === 'it')
  ) {
    return { mood: 'duty', to: next + 1, verb: 'is' };
  }
  if (/^(?:to|for|that)$/.test(word) && AIM.test(textAt(words, at - 1)))
    return { mood: 'plan', to: next + 1, verb: 'is' };
  if (word === 'intended' && textAt(words, at - 1) === 'it') return { mood: 'may', to: next + 1, verb: word };
  if (word === 'under' && !isBound(words, next)) return { mood: 'present', to: next + 1, verb: word };
  if (word === 'to' || word === 'under') {
    const to = afterInfinitive(words, next);
    const isEvent = EVENTS.has(textAt(words, to - 1)) || happens(words, to);
    return { mood: isEvent ? 'plan' : 'duty', to, verb: 'is' };
  }
  if (word === 'due') {
    const isPlan = textAt(words, next + 1) === 'to' || isOfNext(words, at);
    return { mood: isPlan ? 'plan' : 'duty', to: next + 1, verb: 'is' };
  }
  if (word === 'expected') {
    // "Forces are expected to comply", but also "costs are expected to rise".
    if (next > at + 1 && textAt(words, at + 1) === 'not')
      return { mood: 'present', to: next + 1, verb: 'is' };
    // "The reserve is expected to be exhausted."
    const isForecast =
      textAt(words, at) === 'is' && textAt(words, next + 1) === 'to' && isOutcome(words, next + 2);
    if (isForecast) return { mood: 'present', to: next + 2, verb: word };
    const mood = ({ to: 'may', that: 'duty' } as const)[textAt(words, next + 1)] ?? 'present';
    return { mood, to: next + 1, verb: word };
  }
  if (ASKED.has(word) || DUTY_WORDS.has(word) || word === 'important' || word === 'necessary') {
    return { mood: 'duty', to: next + 1, verb: word };
  }
  if (word === 'going' && textAt(words, next + 1) === 'to')
    return expectedEvent(words, at, mainVerb(words, next + 2));
  if (/^(?:going|planning|hoping|aiming|intending|expecting|on)$/.test(word)) {
    return { mood: 'plan', to: next + 1, verb: word };
  }
  // "Is moving", "is in the process of moving".
  if (
    /^(?!ensuring|during)\p{L}{2,}(?<!th)ing$/u.test(word) ||
    (word === 'in' && textAt(words, next + 2) === 'process')
  ) {
    return {
      mood: /^(?:ask|requir|direct|order|invit|urg|recommend)ing$/.test(word) ? 'duty' : 'present',
      to: next + 1,
      verb: word,
    };
  }
  // "Is likely to", "is forecast to".
  if (
    textAt(words, next + 1) === 'to' &&
    !/^(?:up|down|for)$/.test(word) &&
    (words[next]?.kind !== 'past' || FORESEEN.test(word))
  ) {
    return { mood: 'present', to: next + 2, verb: word };
  }
  const to = pastVerb(words, at + 1);
  return words[to - 1]?.kind === 'past' && to > at + 1 ? { mood: 'present', to, verb: 'is' } : null;
}

/** Reports whether a verb is an outcome rather than an action: "be exhausted", "open", "cost". */
const isOutcome = (words: readonly Word[], at: number): boolean =>
  (textAt(words, at) === 'be' && words[at + 1]?.kind === 'past') ||
  happens(words, at) ||
  /^(?:cost|rise|fall|increase|grow|reach|last|remain|exceed)$/.test(textAt(words, at));

/** Reports whether a subject is a recurring event: "the next review is due". */
function isOfNext(words: readonly Word[], at: number): boolean {
  const start = words.findLastIndex(({ kind }, place) => kind === 'mark' && place < at) + 1;
  return words.slice(start, at).some(({ text }) => text === 'next');
}

const isBound = (words: readonly Word[], at: number): boolean =>
  words.slice(at, at + 3).some(({ text }) => BOUND.test(text));

function having(words: readonly Word[], at: number, next: number): Found {
  if (textAt(words, next) === 'to') return { mood: 'duty', to: next + 1, verb: 'has' };
  const isBeen = textAt(words, next) === 'been';
  const requestVerb = isBeen ? textAt(words, pastBeside(words, next + 1)) : '';
  // "Has been told to", but "has been told that".
  const isTold = requestVerb === 'told' && textAt(words, pastVerb(words, next)) === 'that';
  if (ASKED.has(requestVerb) && !isTold)
    return { mood: 'duty', to: pastVerb(words, next), verb: requestVerb };
  // "The auditor has asked for a reply", but "the force has asked for more time".
  const isAskedFor = textAt(words, next) === 'asked' && textAt(words, next + 1) === 'for';
  if (isAskedFor && !isOfAddressed(words, [], { from: at, to: next }))
    return { mood: 'may', to: next + 1, verb: 'asked' };
  if (WE.has(textAt(words, at - 1)) && ASKED.has(textAt(words, next))) {
    return { mood: 'duty', to: next + 1, verb: 'has' };
  }
  const to = pastVerb(words, at + 1);
  if (isBeen || words[to - 1]?.kind === 'past') {
    return {
      mood: 'perfect',
      to: Math.max(to, at + 1),
      verb: textAt(words, to - 1),
    };
  }
  // Possessive, but "has three weeks to reply" and "has a duty to" are duties.
  if (/^(?:until|\d+|two|three|four|six)$/.test(textAt(words, next))) return null;
  return {
    mood: isBound(words, next) ? 'duty' : 'present',
    to: at + 1,
    verb: textAt(words, at),
  };
}

/** Reports whether a word is a verb of planning: "Network Rail plans to", but not "agree plans to" or "an action plan to". */
function isPlanning(word: string, before: string, isAsked: boolean): boolean {
  if (!PLANS.has(word) || LEADS_NOUN.has(before) || /^(?:to|has|have|with|or)?$/.test(before)) return false;
  if (before === 'and')
    return !isAsked || /^(?:intends|hopes|expects|proposes|undertakes|promises|pledges)$/.test(word);
  if (/^(?:plan|aim|hope)$/.test(word)) return /s$|^(?:we|i|they|you|who)$/.test(before);
  return !/^(?:plans|aims|hopes)$/.test(word) || !isAsked || /^(?:it|he|she|who|which)$/.test(before);
}

function plainVerb(words: readonly Word[], at: number, isAsked: boolean): Found {
  const word = textAt(words, at);
  const before = textAt(words, at - 1);
  const to = at + 1;
  // An ability; but "ensure that it can" is a duty.
  if (/^can(?:not)?$/.test(word) && !isAsked) return { mood: 'present', to: mainVerb(words, to), verb: word };
  if (isPlanning(word, before, isAsked)) {
    // "Plans for all to carry it."
    if (
      word.startsWith('plan') &&
      textAt(words, to) === 'for' &&
      words.slice(to).some(({ text }) => text === 'to')
    )
      return { mood: 'plan', to, verb: word };
    if (textAt(words, to) === 'to') {
      const isAwaited = WE.has(before) && /^(?:receive|hear|have|be|see|get)$/.test(textAt(words, to + 1));
      return { mood: isAwaited ? 'duty' : 'plan', to, verb: word };
    }
    if (word.startsWith('expect')) {
      if (WE.has(before)) return { mood: 'duty', to, verb: word };
      // "Expects local bodies to submit", but "expects costs to rise".
      const infinitive = words.findIndex(({ text }, place) => place > at && text === 'to') + 1;
      const isOfOthers =
        infinitive > 0 && isSeveral(words.slice(to, infinitive - 1)) && textAt(words, infinitive) !== 'be';
      return {
        mood: isOfOthers && !isOutcome(words, infinitive) ? 'may' : 'plan',
        to,
        verb: word,
      };
    }
    if (WE.has(before) && word.startsWith('propose')) return { mood: 'duty', to, verb: word };
  }
  // "There is a plan to", "it has a plan to".
  if (
    /^plans?$/.test(word) &&
    textAt(words, to) === 'to' &&
    /^(?:is|are|has|have)$/.test(textAt(words, at - 2)) &&
    !isAsked
  )
    return { mood: 'plan', to, verb: word };
  // "Intends the regulations to be in force by": someone else acts.
  if (/^intends?$/.test(word) && textAt(words, to) !== 'to' && !LEADS_NOUN.has(before))
    return { mood: 'may', to, verb: word };
  if (/^(?:look|request|requests|want|seek|call|calls)$/.test(word) && WE.has(before))
    return { mood: 'duty', to, verb: word };
  if (/^(?:expectation|requirement)$/.test(word) && /^(?:our|my)$/.test(before))
    return { mood: 'duty', to, verb: word };
  const isNoun = LEADS_NOUN.has(before) && !(before === 'this' && word.endsWith('s'));
  if (DUTY_WORDS.has(word) && before !== 'to' && !isNoun) return { mood: 'duty', to, verb: word };
  if (word === 'make' && textAt(words, to) === 'sure' && before !== 'to')
    return { mood: 'duty', to: to + 1, verb: 'ensure' };
  if (IMPERATIVES.has(word) && (at === 0 || OPENS.test(before) || (isAsked && before === 'and')))
    return { mood: 'duty', to, verb: 'imperative' };
  // "The next meeting, due to be held by June".
  if (word === 'due' && textAt(words, to) === 'to' && words[at - 1]?.kind === 'mark')
    return { mood: 'plan', to: to + 1, verb: word };
  // "The standards come into force."
  if (OCCURS.test(phraseAt(words, at)) && before !== 'to') return { mood: 'present', to: to + 1, verb: word };
  if (HABITUAL.test(word) && words[to]?.kind === 'other') return { mood: 'present', to: to + 1, verb: word };
  // "We think it right that this is done."
  if (/^(?:right|necessary|appropriate)$/.test(word) && before === 'it' && textAt(words, to) === 'that')
    return { mood: 'duty', to, verb: word };
  const kind = words[at]?.kind;
  if (kind === 'past') return { mood: 'participle', to, verb: word };
  if (kind === 'finite') return { mood: 'past', to, verb: word };
  return kind === 'present' ? { mood: 'present', to, verb: word } : null;
}

/** Reports whether the words since the last verb group start a clause about a noun or circumstance. */
function isReportAside(words: readonly Word[], from: number, at: number): boolean {
  let before = at - 1;
  while (before >= from && isBeside(words[before]?.text)) before -= 1;
  if (before >= from && textAt(words, before) === 'that') {
    // "told us that was" is rare; "a plan that was" is not.
    return true;
  }
  for (let place = before; place >= from && words[place]?.kind !== 'mark'; place -= 1) {
    const word = textAt(words, place);
    // "Plans that are overdue are finalised": the clause has its verb.
    if (place < before && /^(?:is|are|was|were)$/.test(word)) return false;
    if (word === 'and' || word === 'but') return false;
    // "As we said", but not "as well as the force".
    if (word === 'as') return before - place < 2;
    // "Those who handle exhibits are trained."
    if (word === 'who' && before - place > 1) return false;
    if (ASIDE.has(word)) return !/^(?:those|these|than|what)$/.test(word) || place === before;
  }
  return false;
}
