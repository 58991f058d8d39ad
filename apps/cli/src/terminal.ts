import { SEPARATING_OR_TURNING } from '#lifecycle/text-rules';
import { Presets, SingleBar } from 'cli-progress';
import { styleText } from 'node:util';
import { EXIT } from '#platform/exit-codes';

type Style = Parameters<typeof styleText>[0];

const CONTROLS = new RegExp(
  String.raw`\u001b(?!\[[\d;]*m)|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f${SEPARATING_OR_TURNING}]`,
  'gu',
);

/** What others wrote must not steer the terminal: of what does, only colours, tabs and line ends are left. */
const harmless = (text: string): string => text.replaceAll(CONTROLS, '\ufffd');

/** What JSON may hold bare, and what steers a terminal or ends a line for some that read it. */
const UNESCAPED = new RegExp(String.raw`[\u007f-\u009f${SEPARATING_OR_TURNING}]`, 'gu');
const escapedSign = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Standard output for results, standard error for people; colour and progress only where a person looks. */
export class Terminal {
  /** With which code the process ends; a reader who has seen enough makes nothing hold that does not. */
  exitCode: number = EXIT.done;
  #bar: SingleBar | undefined;

  constructor() {
    // Whoever reads us may have seen enough, as `head` does.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(this.exitCode);
      this.error(`docket: standard output cannot be written: ${error.message}`);
      process.exit(EXIT.refused);
    });
    // What people would have been told is lost; the work goes on, and the exit code says how it ended.
    process.stderr.on('error', () => undefined);
  }

  write(text: string | Uint8Array): void {
    process.stdout.write(text);
  }

  line(text = ''): void {
    this.write(`${harmless(text)}\n`);
  }

  /** Gives what was written. */
  json(value: unknown): string {
    const line = `${JSON.stringify(value).replaceAll(UNESCAPED, escapedSign)}\n`;
    this.write(line);
    return line;
  }

  error(text: string): void {
    this.endProgress();
    const shown = harmless(text);
    process.stderr.write(`${process.stderr.isTTY ? styleText('red', shown) : shown}\n`);
  }

  /** What people should know beside a result that goes to standard output. */
  note(text: string): void {
    this.endProgress();
    process.stderr.write(`${harmless(text)}\n`);
  }

  /** What goes on, and may not be what somebody meant. */
  warn(text: string): void {
    this.endProgress();
    const shown = harmless(`docket: warning: ${text}`);
    process.stderr.write(`${process.stderr.isTTY ? styleText('yellow', shown) : shown}\n`);
  }

  /** The text in a style, on a terminal that shows one. */
  styled(style: Style, text: string): string {
    return process.stdout.isTTY ? styleText(style, text) : text;
  }

  /** Shows how far long work is; nothing where nobody looks. */
  progress(done: number, total: number, unit: string): void {
    if (!process.stderr.isTTY) return;
    if (this.#bar === undefined) {
      this.#bar = new SingleBar(
        {
          format: ` {bar} {percentage} % | {value}/{total} ${unit} | {eta_formatted} left`,
          hideCursor: true,
          clearOnComplete: true,
        },
        Presets.shades_classic,
      );
      this.#bar.start(total, done);
    }
    this.#bar.setTotal(total);
    this.#bar.update(done);
  }

  endProgress(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
