import { describe, expect, test } from '@jest/globals';
import { findDeadlines } from './find-deadlines.ts';
import type { FoundDeadline } from './found-deadline.ts';

// Sentences in the manner of inspection reports on police, fire and rescue, prisons, health care and of coroners. A row: the
// day of publication, the text, and what is found, `span = date` where it is exact and `span ~ date rule` where proposed.
type Row = readonly [publishedOn: string, text: string, ...found: string[]];

/** Written before there was anything to run them against. */
const FIRST: readonly Row[] = [
  [
    '2015-11-30',
    'By 30 June 2016, every force should have a plan for the skills its investigators lack.',
    'By 30 June 2016 = 2016-06-30',
  ],
  [
    '2017-03-02',
    'The chief constable should, by 1st January 2018, set out how custody staffing will be kept safe.',
    'by 1st January 2018 = 2018-01-01',
  ],
  [
    '2016-11-03',
    'Not later than 5 May 2017 the force should have moved its exhibits to a secure store.',
    'Not later than 5 May 2017 = 2017-05-05',
  ],
  [
    '2016-11-03',
    'Crews should complete breathing apparatus refreshers no later than 31 March 2017.',
    'no later than 31 March 2017 = 2017-03-31',
  ],
  [
    '2018-09-20',
    'The trust should replace the ligature points in the wards before 1 April 2019.',
    'before 1 April 2019 = 2019-03-31',
  ],
  [
    '2018-09-20',
    'The governor should publish a reducing violence strategy on or before 1 April 2019.',
    'on or before 1 April 2019 = 2019-04-01',
  ],
  [
    '2015-11-30',
    'A gap analysis should be with the inspectorate by the end of 30 June 2016.',
    'by the end of 30 June 2016 = 2016-06-30',
  ],
  [
    '2015-11-30',
    'By Friday 30 June 2016 every control room should test its fallback.',
    'By Friday 30 June 2016 = 2016-06-30',
  ],
  [
    '2015-11-30',
    'The backlog of crime reports should be cleared by 30/06/2016.',
    'by 30/06/2016 = 2016-06-30',
  ],
  [
    '2015-11-30',
    'By June 30, 2016, the board should agree how it will oversee the programme.',
    'By June 30, 2016 = 2016-06-30',
  ],
  [
    '2015-11-30',
    'Vetting should be renewed for all staff: 30 June 2016 at the latest.',
    '30 June 2016 at the latest = 2016-06-30',
  ],
  [
    '2016-12-08',
    'By 31 March 2017 forces should publish their policy, and by 30 September 2017 they should have trained all supervisors in it.',
    'By 31 March 2017 = 2017-03-31',
    'by 30 September 2017 = 2017-09-30',
  ],
  [
    '2017-03-02',
    'The College should issue revised practice by the end of September 2017.',
    'by the end of September 2017 ~ 2017-09-30 end-of-month',
  ],
  [
    '2017-03-02',
    'No later than September 2017, fire authorities should agree a common standard for inspections of high-rise buildings.',
    'No later than September 2017 ~ 2017-09-30 end-of-month',
  ],
  [
    '2017-03-02',
    'By the end of 2017 each prison should have a safer custody lead in post.',
    'By the end of 2017 ~ 2017-12-31 end-of-year',
  ],
  [
    '2018-01-18',
    'The ambulance service should finish its fleet review by summer 2018.',
    'by summer 2018 ~ 2018-08-31 end-of-season',
  ],
  [
    '2018-01-18',
    'Hospitals should have an agreed escalation route by Q3 2018.',
    'by Q3 2018 ~ 2018-09-30 end-of-quarter',
  ],
  [
    '2017-06-15',
    'Recruitment of detectives should be complete by the end of the financial year 2017/18.',
    'by the end of the financial year 2017/18 ~ 2018-03-31 end-of-financial-year',
  ],
  [
    '2015-11-30',
    'Within six months, the force should audit how it flags repeat victims.',
    'Within six months ~ 2016-05-30 after-publication',
  ],
  [
    '2015-11-30',
    'A written response should reach the coroner within 56 days of publication.',
    'within 56 days of publication ~ 2016-01-25 after-publication',
  ],
  [
    '2015-11-30',
    'Police and crime commissioners should report progress within three months of the publication of this report.',
    'within three months of the publication of this report ~ 2016-02-29 after-publication',
  ],
  [
    '2015-11-30',
    'The head of health care should review the medicines policy within 10 working days.',
    'within 10 working days ~ 2015-12-14 after-publication',
  ],
  [
    '2015-11-30',
    'In the next 12 months the service should test every hydrant in its area.',
    'In the next 12 months ~ 2016-11-30 after-publication',
  ],
  [
    '2016-02-29',
    'Within 1 year, all cells should have working call bells.',
    'Within 1 year ~ 2017-02-28 after-publication',
  ],
  [
    '2015-11-30',
    'The establishment should reply within 28 days of receiving the report.',
    'within 28 days ~ 2015-12-28 start-not-known',
  ],
  [
    '2015-11-30',
    'The force should immediately stop taking children to police stations as a place of safety.',
    'immediately ~ 2015-11-30 immediately',
  ],
  [
    '2015-11-30',
    'With immediate effect, prisoners should have access to drinking water at all times.',
    'With immediate effect ~ 2015-11-30 immediately',
  ],
  [
    '2015-11-30',
    'As soon as practicable the constabulary should put the register in line with the Home Office counting rules.',
    'As soon as practicable ~ 2015-12-28 as-soon-as-practicable',
  ],
  [
    '2015-11-30',
    'The defective doors should be replaced without delay.',
    'without delay ~ 2015-12-14 without-delay',
  ],
  ['2015-11-30', 'Forces should follow the 2014 guidance on stop and search.'],
  ['2016-05-01', 'The unit has worked alone since 3 May 2015 and should be brought under one command.'],
  ['2016-05-01', 'The standards, published on 5 May 2014, should be applied in every ward.'],
  ['2016-05-01', 'Managers should act on the report of 30 November 2015.'],
  ['2014-11-20', 'Between 1 April and 30 June 2014 the force recorded 4,200 domestic incidents.'],
  ['2015-11-30', 'In the year to 31 March 2015 there were six deaths in custody.'],
  ['2016-05-01', 'As at 31 March 2016, 14 per cent of posts stood empty.'],
  [
    '2015-11-30',
    'By 31 June 2016 the force should have a single list of informants.',
    'By 31 June 2016 ~ 2016-06-30 invalid-date',
  ],
  [
    '2015-11-30',
    'Every station should, by\n30\u00a0June\u00a02016, display the rights of detained people.',
    'by\n30\u00a0June\u00a02016 = 2016-06-30',
  ],
  ['2016-05-01', 'By 31 March 2014, the force had lost a fifth of its neighbourhood officers.'],
];

/** Written while the rules were made. */
const SECOND: readonly Row[] = [
  [
    '2016-12-08',
    'By no later than 30 September 2017 forces should have dealt with the backlog.',
    'By no later than 30 September 2017 = 2017-09-30',
  ],
  [
    '2016-12-08',
    'By 30 September 2017 at the latest, forces should have dealt with the backlog.',
    'By 30 September 2017 at the latest = 2017-09-30',
  ],
  [
    '2016-12-08',
    'Prior to 1 February 2017 the watch should be trained in the use of the new pumps.',
    'Prior to 1 February 2017 = 2017-01-31',
  ],
  [
    '2016-12-08',
    'Cells should be fit for use before the end of March 2017.',
    'before the end of March 2017 ~ 2017-03-31 end-of-month',
  ],
  [
    '2016-12-08',
    'The contract should be let before April 2017.',
    'before April 2017 ~ 2017-03-31 before-period',
  ],
  [
    '2016-12-08',
    'The board should approve the plan by 5pm on Friday 30 June 2017.',
    'by 5pm on Friday 30 June 2017 = 2017-06-30',
  ],
  [
    '2016-12-08',
    'Returns should reach us by close of business on 28 February 2017.',
    'by close of business on 28 February 2017 = 2017-02-28',
  ],
  [
    '2016-12-08',
    'By 30 June 2017, 10 forces should have joined the regional unit.',
    'By 30 June 2017 = 2017-06-30',
  ],
  ['2016-12-08', 'Target date: 30 June 2017.', 'Target date: 30 June 2017 = 2017-06-30'],
  ['2016-12-08', 'Timescale: three months.', 'Timescale: three months ~ 2017-03-08 after-publication'],
  ['2016-12-08', 'Timescales: Immediately', 'Immediately ~ 2016-12-08 immediately'],
  ['2016-12-08', 'The roof should be mended by 31 March.', 'by 31 March ~ 2017-03-31 year-not-stated'],
  [
    '2016-12-08',
    'By the end of June all staff should have had an appraisal.',
    'By the end of June ~ 2017-06-30 year-not-stated',
  ],
  ['2016-12-08', 'The audit should be repeated by 30/06/17.', 'by 30/06/17 ~ 2017-06-30 two-digit-year'],
  ['2016-12-08', 'The audit should be repeated by 06/30/2017.', 'by 06/30/2017 ~ 2017-06-30 invalid-date'],
  ['2016-12-08', 'The audit should be repeated by 2017-06-30.', 'by 2017-06-30 = 2017-06-30'],
  [
    '2016-12-08',
    'By early 2018 the force should have a strategy for its estate.',
    'By early 2018 ~ 2018-03-31 part-of-period',
  ],
  ['2016-12-08', 'The merger should be complete by 2020.', 'by 2020 ~ 2020-12-31 end-of-year'],
  ['2016-12-08', 'The chief officer should be sure that theft, which rose by 2017 offences, is understood.'],
  [
    '2016-12-08',
    'Neighbourhood teams should be restored by 2017\u201318.',
    'by 2017\u201318 ~ 2018-03-31 end-of-financial-year',
  ],
  [
    '2016-12-08',
    'The programme should report by the end of the third quarter of 2017/18.',
    'by the end of the third quarter of 2017/18 ~ 2017-12-31 end-of-quarter',
  ],
  [
    '2016-12-08',
    'The service should publish its risk plan by the end of the financial year.',
    'by the end of the financial year ~ 2017-03-31 end-of-financial-year',
  ],
  [
    '2016-12-08',
    'Within twelve (12) weeks of publication, governors should agree a smoke-free policy.',
    'Within twelve (12) weeks of publication ~ 2017-03-02 after-publication',
  ],
  [
    '2016-12-08',
    'Within a period of 56 days beginning with the day of publication, the commissioner must comment.',
    'Within a period of 56 days beginning with the day of publication ~ 2017-02-01 after-publication',
  ],
  [
    '2016-12-08',
    'No later than six months after the publication of this report, forces should review each case.',
    'No later than six months after the publication of this report ~ 2017-06-08 after-publication',
  ],
  [
    '2016-12-08',
    'The trust should carry out an audit in six months\u2019 time.',
    'in six months\u2019 time ~ 2017-06-08 after-publication',
  ],
  [
    '2016-12-08',
    'Within 28 days of 31 January 2017 the contractor should mend the alarms.',
    'Within 28 days of 31 January 2017 ~ 2017-02-28 after-date',
  ],
  ['2016-12-08', 'Calls were answered within 10 seconds, and letters were answered within five days.'],
  ['2016-12-08', 'In the last 12 months the force had trained 400 officers.'],
  [
    '2016-12-08',
    'The force should take immediate steps to see that all calls are risk assessed.',
    'immediate steps ~ 2016-12-08 immediately',
  ],
  ['2016-12-08', 'Prisoners should be searched immediately after arrival.'],
  ['2016-12-08', 'Officers attended immediately and the child was taken to safety.'],
  [
    '2016-12-08',
    'As soon as possible, and in any event by 1 June 2017, the doors should be replaced.',
    'by 1 June 2017 = 2017-06-01',
  ],
  ['2016-12-08', 'The force should review all cases opened before 1 April 2015.'],
  [
    '2016-12-08',
    'The force had no plan in place, and should publish one by 30 June 2017.',
    'by 30 June 2017 = 2017-06-30',
  ],
  ['2016-12-08', 'It should be noted that 40 officers had left by 30 June 2016.'],
  ['2016-12-08', 'The force told us that the work would be finished by 31 March 2017.'],
  [
    '2016-12-08',
    'By 31 March 2017 and 30 September 2017 the service should audit its stores.',
    'By 31 March 2017 = 2017-03-31',
    '30 September 2017 = 2017-09-30',
  ],
  [
    '2016-12-08',
    'The wing should not be opened before 1 April 2017; staff should be moved within six months.',
    'within six months ~ 2017-06-08 after-publication',
  ],
  [
    '2016-12-08',
    'New recruits should not be posted to the unit within 12 months of joining, and not before 1 April 2017.',
  ],
  [
    '2016-12-08',
    'By the year end, the force should have a plan.',
    'By the year end ~ 2016-12-31 end-of-year',
  ],
  [
    '2016-12-08',
    'By the middle of 2017 the force should have a plan.',
    'By the middle of 2017 ~ 2017-06-30 part-of-period',
  ],
  ['2016-12-08', 'The force should have a plan by 13/13/2017, by 30 June 1016 or by 31 March 20177.'],
  ['2016-12-08', 'The trust has been asked to report by 1 May 2017.', 'by 1 May 2017 = 2017-05-01'],
  ['2016-12-08', 'The trust had been asked to report by 1 May 2016.'],
];

/** Written after the rules, and first run when all of them stood. */
const HELD_OUT: readonly Row[] = [
  [
    '2019-05-24',
    'We recommend that, by 31 December 2019, all constabularies should have reviewed the threshold at which missing children are graded as high risk.',
    'by 31 December 2019 = 2019-12-31',
  ],
  [
    '2019-05-24',
    'Recommendation 4: By September 2020, the Home Office and the National Fire Chiefs Council should have considered a new duty to inspect.',
    'By September 2020 ~ 2020-09-30 end-of-month',
  ],
  [
    '2019-05-24',
    'The force should improve the timeliness of its disclosure to defence solicitors. It should do so within three months of this report.',
    'within three months of this report ~ 2019-08-24 after-publication',
  ],
  [
    '2019-05-24',
    'You are under a duty to respond to this report within 56 days of the date of this report, namely by 19 July 2019.',
    'by 19 July 2019 = 2019-07-19',
  ],
  [
    '2019-05-24',
    'Cells without running water should be taken out of use immediately and refurbished by the end of October 2019.',
    'immediately ~ 2019-05-24 immediately',
    'by the end of October 2019 ~ 2019-10-31 end-of-month',
  ],
  ['2019-05-24', 'Deaths in custody had doubled by the time of our visit in March 2019.'],
  [
    '2019-05-24',
    'The governor should, as a matter of urgency, restore the daily regime on the vulnerable prisoners\u2019 wing.',
    'as a matter of urgency ~ 2019-06-07 urgently',
  ],
  ['2019-05-24', 'From 1 April 2019 responsibility for governance moved to the mayor.'],
  [
    '2019-05-24',
    'In 2017/18 the service responded to 11,042 incidents, up by 4 per cent on the year before.',
  ],
  [
    '2019-05-24',
    'Chief constables should provide an update to HMICFRS no later than 6 months from the date of publication.',
    'no later than 6 months from the date of publication ~ 2019-11-24 after-publication',
  ],
  [
    '2019-05-24',
    'All registered nurses must complete sepsis training within one month and refresh it annually.',
    'within one month ~ 2019-06-24 after-publication',
  ],
  [
    '2019-05-24',
    'Within the next two years the service should replace its mobilising system.',
    'Within the next two years ~ 2021-05-24 after-publication',
  ],
  [
    '2019-05-24',
    'Over the next 18 months, forces should work together to reduce the number of separate IT systems.',
    'Over the next 18 months ~ 2020-11-24 after-publication',
  ],
  [
    '2019-05-24',
    'Initial health assessments should take place within 20 working days of a child becoming looked after.',
  ],
  [
    '2019-05-24',
    'The College of Policing should, in consultation with the National Police Chiefs\u2019 Council, produce guidance by spring 2020.',
    'by spring 2020 ~ 2020-05-31 end-of-season',
  ],
  ['2019-05-24', 'Night patrols were reduced by 31 per cent between January and May 2018.'],
  [
    '2019-05-24',
    'The Care Quality Commission inspected the trust on 12 and 13 February 2019 and issued a warning notice.',
  ],
  [
    '2019-05-24',
    'We gave the trust until 30 June 2019 to make the improvements set out in the warning notice.',
  ],
  ['2019-05-24', 'The force\u2019s action plan, agreed with the commissioner by May 2018, was not followed.'],
  [
    '2019-05-24',
    'Deadline for completion: 30th September 2019',
    'Deadline for completion: 30th September 2019 = 2019-09-30',
  ],
  [
    '2019-05-24',
    'Before the end of this financial year, every station should have carried out a fire risk assessment.',
    'Before the end of this financial year ~ 2020-03-31 end-of-financial-year',
  ],
  [
    '2019-05-24',
    'The chief fire officer should, by the end of December 2019,\nmake sure that staff know how to get well-being support.',
    'by the end of December 2019 ~ 2019-12-31 end-of-month',
  ],
  [
    '2019-05-24',
    'BY 31ST OCTOBER 2019 ALL FORCES SHOULD HAVE REVIEWED THEIR STALKING CASES.',
    'BY 31ST OCTOBER 2019 = 2019-10-31',
  ],
  [
    '2019-05-24',
    'The policy, last revised in June 2014, should be replaced at the earliest opportunity.',
    'at the earliest opportunity ~ 2019-06-21 as-soon-as-practicable',
  ],
  [
    '2019-05-24',
    'The head of custody should ensure that detainees are seen by a health care professional within one hour of request.',
  ],
  [
    '2019-05-24',
    'Following the inspection of November 2018, an improvement board was set up, which should report to ministers before Parliament rises.',
  ],
  [
    '2019-05-24',
    'Complete the fire door survey by 14 June 2019 and the remedial works by 31 March 2020.',
    'by 14 June 2019 = 2019-06-14',
    'by 31 March 2020 = 2020-03-31',
  ],
  [
    '2019-05-24',
    'The force must, without further delay, allocate the 312 rape investigations that no one is working on.',
    'without further delay ~ 2019-06-07 without-delay',
  ],
  [
    '2019-05-24',
    'In line with the national standard, officers should book in exhibits by the end of their shift.',
  ],
  [
    '2019-05-24',
    'By the end of the year, the board should have agreed how it will measure the benefits.',
    'By the end of the year ~ 2019-12-31 end-of-year',
  ],
  [
    '2019-05-24',
    'A review should begin by Monday 3rd June 2019 and conclude within eight weeks.',
    'by Monday 3rd June 2019 = 2019-06-03',
    'within eight weeks ~ 2019-07-19 after-publication',
  ],
  [
    '2019-05-24',
    'At the time of the death, on 3 March 2018, no observation had been recorded since 02:15, although checks were due within 15 minutes.',
  ],
  [
    '2019-05-24',
    'Prison leaders should, within six weeks of receipt of this report, send us an action plan.',
    'within six weeks ~ 2019-07-05 start-not-known',
  ],
  ['2019-05-24', 'The standard of 2011, updated by April 2016 guidance, should be withdrawn.'],
  ['2019-05-24', 'The service is due to move to its new headquarters by the summer of 2021.'],
  [
    '2019-05-24',
    'Any case file that was opened before 1 January 2018 should be reviewed by a detective inspector by 30 September 2019.',
    'by 30 September 2019 = 2019-09-30',
  ],
  [
    '2019-05-24',
    'Interim measures should be put in place now, and the permanent works completed no later than Q1 2020/21.',
    'no later than Q1 2020/21 ~ 2020-06-30 end-of-quarter',
  ],
  [
    '2019-05-24',
    'Control room staff should immediately escalate any call that is not answered within 10 seconds.',
    'immediately ~ 2019-05-24 immediately',
  ],
  [
    '2019-05-24',
    'The trust should report progress to the commission monthly, starting on 1 July 2019, until all actions are complete.',
  ],
  [
    '2019-05-24',
    'Every force should, by 31\u2013March\u20132020 at the very latest, hold a licence for the new database.',
    'by 31\u2013March\u20132020 at the very latest = 2020-03-31',
  ],
  [
    '2019-05-24',
    '\u{1F6A8} Urgent: staffing levels on the wards should be made safe by 1 June 2019.',
    'by 1 June 2019 = 2019-06-01',
  ],
  [
    '2019-05-24',
    'Where an officer has not had a vetting check within the last ten years, the force should renew it before 31 December 2019.',
    'before 31 December 2019 = 2019-12-30',
  ],
];

/** Written after what the first held-out portion taught, to be harder. */
const HELD_OUT_AGAIN: readonly Row[] = [
  [
    '2016-10-03',
    'The plan should be carried out in full not later than the 31st of March 2017.',
    'not later than the 31st of March 2017 = 2017-03-31',
  ],
  [
    '2022-08-08',
    'I expect to receive your response by 3 October, 2022. I, the coroner, may extend the period.',
    'by 3 October, 2022 = 2022-10-03',
  ],
  ['2016-10-03', 'The remedial works are to be completed by 31 Dec. 2016.', 'by 31 Dec. 2016 = 2016-12-31'],
  [
    '2016-10-03',
    'Forces should implement these changes within 6\u201312 months.',
    'within 6\u201312 months ~ 2017-10-03 after-publication',
  ],
  [
    '2016-10-03',
    'By 29 February 2017 the wing should be closed.',
    'By 29 February 2017 ~ 2017-02-28 invalid-date',
  ],
  ['2015-10-03', 'By 29 February 2016 the wing should be closed.', 'By 29 February 2016 = 2016-02-29'],
  [
    '2016-10-03',
    'By winter 2017/18 the trust should have enough beds.',
    'By winter 2017/18 ~ 2018-02-28 end-of-season',
  ],
  ['2016-10-03', 'A pilot should start by mid-2018.', 'by mid-2018 ~ 2018-06-30 part-of-period'],
  [
    '2016-10-03',
    'Training for all call handlers should be finished by September 2017 at the latest.',
    'by September 2017 at the latest ~ 2017-09-30 end-of-month',
  ],
  ['2016-10-03', 'The deadline of 30 June 2014 was missed.'],
  [
    '2016-10-03',
    'The report was written by 12 officers and published by the Stationery Office on 4 May 2015.',
  ],
  ['2016-10-03', 'Urgently review the cell call system.', 'Urgently ~ 2016-10-17 urgently'],
  [
    '2016-10-03',
    'Within the next 6 (six) months the force should appoint a data protection officer.',
    'Within the next 6 (six) months ~ 2017-04-03 after-publication',
  ],
  [
    '2016-10-03',
    'Write to the coroner within a fortnight.',
    'within a fortnight ~ 2016-10-17 after-publication',
  ],
  [
    '2016-10-03',
    'You must reply within 2 weeks of the date of this letter.',
    'within 2 weeks of the date of this letter ~ 2016-10-17 after-publication',
  ],
  [
    '2016-10-03',
    'By the start of the 2018/19 financial year the authority should have a balanced budget.',
    'By the start of the 2018/19 financial year ~ 2018-04-01 start-of-period',
  ],
  [
    '2016-10-03',
    'Not later than twenty-eight days after the date of this report, the operator must confirm its repairs.',
    'Not later than twenty-eight days after the date of this report ~ 2016-10-31 after-publication',
  ],
  [
    '2016-10-03',
    'The standard of care should be raised by next summer.',
    'by next summer ~ 2017-08-31 year-not-stated',
  ],
  ['2016-10-03', 'The prison should publish, before Christmas, a list of what is out of order.'],
  ['2016-10-03', 'One in five calls was abandoned by 10 am; staff should be on duty by 7.30am.'],
  ['2016-10-03', 'By law, a detainee must be seen by a doctor.'],
  ['2016-10-03', 'Led by April Jones, the team should widen its work.'],
  [
    '2016-10-03',
    'The chief inspector reported that, by March 2015, staffing was at its lowest for ten years.',
  ],
  ['2016-10-03', 'All actions should be closed by 30 June 2017 or earlier.', 'by 30 June 2017 = 2017-06-30'],
  [
    '2016-10-03',
    'In light of two deaths in 2015, the trust should have anti-ligature fittings in every room by 1st\u00a0Dec 2016.',
    'by 1st\u00a0Dec 2016 = 2016-12-01',
  ],
  [
    '2016-10-03',
    'Over the past 12 months four officers were dismissed; in the coming year the force should publish each outcome.',
    'in the coming year ~ 2017-10-03 after-publication',
  ],
  [
    '2016-10-03',
    'We recommend that the Home Office brings forward legislation as soon as it is practicable.',
    'as soon as it is practicable ~ 2016-10-31 as-soon-as-practicable',
  ],
  [
    '2016-10-03',
    'The force should develop a plan for 2018 by 1 December 2017.',
    'by 1 December 2017 = 2017-12-01',
  ],
  [
    '2016-10-03',
    'The force will by 31 March 2017 have introduced body-worn video for all response officers.',
    'by 31 March 2017 = 2017-03-31',
  ],
  [
    '2016-10-03',
    'By 31 March 2017, forces that had not yet adopted the system should explain why.',
    'By 31 March 2017 = 2017-03-31',
  ],
  [
    '2016-10-03',
    'On or before 31 March 2017, and again by 31 March 2018, the service should audit its stores.',
    'On or before 31 March 2017 = 2017-03-31',
    'by 31 March 2018 = 2018-03-31',
  ],
  ['2016-10-03', 'At 30 September 2016, 1,204 prisoners were held in a prison certified for 900.'],
  [
    '2016-10-03',
    'Sentenced prisoners should have a plan, and the backlog, which stood at 140 on 1 September 2016, should be gone by January 2017.',
    'by January 2017 ~ 2017-01-31 end-of-month',
  ],
  ['2016-10-03', 'A protocol was agreed in 2013 and was to be signed by all partners by 31 March 2014.'],
];

const shown = (text: string, found: FoundDeadline): string => {
  const span = text.slice(found.span.from, found.span.to);
  return found.kind === 'exact' ? `${span} = ${found.dueOn}` : `${span} ~ ${found.suggestedOn} ${found.rule}`;
};

const foundIn = ([publishedOn, text]: Row): string[] =>
  findDeadlines(text, { publishedOn }).map((deadline) => shown(text, deadline));

const PORTIONS: readonly (readonly [string, readonly Row[]])[] = [
  ['written first', FIRST],
  ['written with the rules', SECOND],
  ['held out', HELD_OUT],
  ['held out again', HELD_OUT_AGAIN],
];

describe.each(PORTIONS)('sentences %s', (_, rows) => {
  test.each(rows.map((row) => ({ row, text: row[1] })))('$text', ({ row }) => {
    expect(foundIn(row)).toEqual(row.slice(2));
  });
});

/** Right is only what has the span, the date and the rule expected. */
function measured(kind: string): { precision: number; recall: number; there: number } {
  const ofKind = (line: string): boolean => line.includes(kind === 'exact' ? ' = ' : ' ~ ');
  let [right, found, there] = [0, 0, 0];
  for (const row of PORTIONS.flatMap(([, rows]) => rows)) {
    const expected = row.slice(2).filter(ofKind);
    const lines = foundIn(row).filter(ofKind);
    right += lines.filter((line) => expected.includes(line)).length;
    found += lines.length;
    there += expected.length;
  }
  return { precision: right / found, recall: right / there, there };
}

test.each(['exact', 'proposed'])('over all sentences, none that is %s is missed or made up', (kind) => {
  const { precision, recall, there } = measured(kind);
  process.stdout.write(
    `${kind}: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)} over ${there}\n`,
  );
  expect({ precision, recall }).toEqual({ precision: 1, recall: 1 });
});
