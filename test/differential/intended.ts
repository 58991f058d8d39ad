import type { Intended } from './compare.ts';

/** Intended differences from the earlier builds. The pattern matches a class as it is printed. */
export const INTENDED: readonly Intended[] = [
  // Event shapes became values, and the machine alone decides what a state allows (docs/upgrading.md).
  {
    pattern:
      /\/lifecycle\/digest names another|\/pack 200 \/body\/(?:data~1lifecycles~|bag-info|manifest-sha256)|[Dd]igest cee0|v0, cee0e0b0b0" →/,
    because:
      'The definition has another digest: another guard, and it no longer says which members hold free text.',
  },
  {
    pattern:
      /\/guard is gone|\/guard "[\w-]+" → (?:null|""|"not-published"|"extension-pending")|\/audit\/refusals \d+ \/body "The record's current state does not allow this command\. The rule/,
    because: 'A refusal for the state names no guard: upgrading.md, "Refusals for the state".',
  },
  {
    pattern:
      /\/decision\/guards\/\* is (?:gone|new: not-published)|\/history \d+ \/body "[^→]*(?:; |status )[^→]* → "(?:None"|[a-z ;]+)/,
    because: 'Events no longer name the checks of the state among their guards.',
  },
  {
    pattern:
      /"(?:The record must be |No (?:closure|evidence|response|extension) |A closure was asked for|status [^→]*: A closure was asked for)[^→]*" → "(?:The (?:record|state of its \w+) must be|No extension waits|status )/,
    because:
      'A refusal for the state names the states in which the command is possible, and the command that comes first.',
  },
  {
    pattern:
      /\/because\/\* is gone: \{"code":"command-not-allowed"|^GET \/recommendations\/\{id\} 200 \/body "(?:<dd> No evidence waits|The record must be open; it is)/,
    because:
      'The states in which a command is possible are told in one reason, and no more in one for each rule.',
  },
  {
    pattern:
      /statechart(?:\.svg)?(?: 200 \/body)?(?:\/guards\/closure-requested is new| "(?:accDescr: )?progress: )|^docket lifecycle diagram .* "progress: /,
    because: 'The definition has the guard closure-requested.',
  },
  {
    pattern: /^docs\/permissions\.md /,
    because: 'Derived from the chart and the guards.',
  },
  {
    pattern:
      / 400 \/body\/(?:detail|errors\/\*\/detail) "[^"]*must be (?:a slug|a deadline's id|the id of an? \w+|a list of the ids of events)[^→]*→ "[^"]*must be a (?:string|list)"|must name at least one recipient" → |must be the slug of a body" → /,
    because: 'A value of another type is told so first, and sentences come from the shapes.',
  },
  {
    pattern: /\/export 200 \/body\/\*\/\w+ is new|^docket export ID --format csv .*"version,type,/,
    because: 'The CSV of a record has every member of its events.',
  },
  {
    pattern:
      /\/history \d+ \/body "[a-z -]+(?:\d [a-z]+|, [a-z, ]+)?" → "[A-Z]|\/pack\/check 200 \/body "Name of the report"|"Published elsewhere: |"(?:Asked for|Not asked for)" → "|\/pack \d+ \/body "[^→]*(?:Name of the report|no text in it)|"(?:[\d:. ]*Body named|Why:)/,
    because: 'Labels stand at the members of shapes, and states have the words of the chart.',
  },
  {
    pattern: /^the OpenAPI document 200 \/body\/components\//,
    because:
      'Schemas come from the shapes of events and answers: further descriptions, enums and closed objects.',
  },
  {
    pattern:
      /that can be an id"|packs\/check 200 \/body "" → "<div|&quot;guard&quot;: null|"Is only for a response that is required" → "Enter /,
    because:
      'References have other forms, a pack can name two definitions, and a date that is none is told first.',
  },
  // Records can be of any kind.
  {
    pattern:
      /^the OpenAPI document 200 \/body\/(?:info|paths\/[^ ]*(?:\/description|\/summary|\/parameters.*|~1kinds) )/,
    because: 'The document says what holds for records of any kind, and takes kinds as filters.',
  },
  { pattern: /\/(?:recordKind|kind) is new/, because: 'Records and queues name their kind.' },
  {
    pattern: /\/projections\/\*\/(?:version has another number|lastRebuild is new)/,
    because: 'Read models know records by kind and id, and are rebuilt once.',
  },
  {
    pattern: /^GET \/ 200 \/body |^GET \/recommendations \d+ \/body "<label[^→]*Your work/,
    because:
      'Queues stand on the page of work in the order of the API; where there are none, nothing is shown.',
  },
  {
    pattern: /^GET \/(?:accessibility|help) 200 \/body |^docket --help /,
    because: 'Pages and help say what holds for records of any kind, and name two more settings.',
  },
  {
    pattern: /^docket replay ID --why 0 .*names: considers #|^docket status 0 /,
    because: 'Members are read as the kind of the record means them, and read models have other names.',
  },
  {
    pattern: /^docket lifecycle list --json 0 \/body\/stdout\/\*/,
    because: 'Earlier definitions are listed, each with its kind.',
  },
  {
    pattern: /deadlines\.ics 200 \/body "/,
    because: "A calendar's events lead to the record's page.",
  },
  {
    pattern: /"<legend class=\\"govuk-fieldset__legend\\">" →/,
    because: 'The legend of a date has the size of a label.',
  },
  // Lifecycles share capabilities.
  {
    pattern:
      /^GET \/recommendations \d+ \/body "(?:"|<legend |Closure <|\d+ chosen|<span class=\\"docket-filters)/,
    because: 'On the page of the register the filters for regions are with that for the status.',
  },
  {
    pattern:
      /^GET \/api\/(?:events|refusals) 400 \/body\/.*must be (?:a type of event|one of invalid)|^GET \/audit\/log \d+ \/body "(?:<input [^→]*name=\\"type\\"|[A-Z][\w. -]+" → "[A-Z])|^the OpenAPI document .*tags\/\* is (?:gone: (?:Accesses|Refusals)|new: AuditTrail)$/,
    because: 'Types of events stand in another order, and refusals and accesses are one audit trail.',
  },
  {
    pattern:
      /^GET \/audit\/refusals \d+ \/body "(?:<option [^→]*)?" → "(?:<option|")|^GET \/audit\/refusals \d+ \/body "<option/,
    because: 'Commands and codes to choose from stand in another order.',
  },
  {
    pattern: /or an approver or a force lead|\/compare \d+ \/body "(?:With another|The other) recommendation/,
    because: 'Pages name roles as a list, and compare with records of other kinds.',
  },
  {
    pattern:
      /^GET \/api\/(?:recommendations|statistics) 400 \/(?:headers\/vary|body\/.*(?:queue|evidence-to-decide|not-required, due, published|issuedFrom))|^GET \/api\/deadlines 400 .*must be one of action, response"/,
    because: 'Queues are a list of names that is asked first, and `kind` can be a kind of record.',
  },
  // The rules of two people became stricter.
  {
    pattern:
      /"You requested this correction yourself; |separation-of-duties|\/commands 200 \/body\/commands\/\*\/allowed true → false|cannot read it\. The full history shows|is earlier than (?:the issue|the last move of closure), on 0-0-0" → .*is earlier than 0-0-0, from/,
    because:
      'Who made a successor does not approve its predecessor’s end, and a closure is not effective before the evidence that it considers.',
  },
  {
    pattern:
      /^GET \/api\/projections 200 \/body\/projections\/\* is (?:gone: (?:accesses|refusals)|new: audit-trail)$/,
    because: 'Refusals and accesses are read models of one audit trail.',
  },
];
