import { withCommands } from '#lifecycle/lifecycles';
import { recommendation } from './kind.ts';
import { notices } from './notices.ts';
import { queues } from './queues.ts';
import { answers } from './v1/answers.ts';
import { issue } from './v1/issue.ts';
import { inspectionRecommendation } from './v1/lifecycle.ts';
import { commands } from './v1/policy.ts';
import { view } from './view.ts';
import { words } from './words.ts';

const sample = async () => (await import('./sample/story.json', { with: { type: 'json' } })).default;

/** The versions of this lifecycle in order. */
export const recommendations = [inspectionRecommendation].map((each) =>
  withCommands(
    { ...each, view, sample },
    { kind: recommendation, commands, issue, words, answers, queues, notices },
  ),
);
