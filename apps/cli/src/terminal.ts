import { SEPARATING_OR_TURNING } from '#lifecycle/text-rules';
import { Presets, SingleBar } from 'cli-progress';
import { styleText } from 'node:util';
import { EXIT } from '#platform/exit-codes';

type Style = Parameters<typeof styleText>[0];

const CONTROLS = new RegExp(
  String.raw`\u001b(?!\[[\d;]*m)|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f${SEPARATING_OR_TURNING}]`,
  'gu',
);

/** Replaces control characters except colours, tabs and line ends, because the text may be someone else's. */
const harmless = (text: string): string => text.replaceAll(CONTROLS, '\ufffd');

/** Characters that JSON allows unescaped but that control terminals or end lines for some readers. */
const UNESCAPED = new RegExp(String.raw`[\u007f-\u009f${SEPARATING_OR_TURNING}]`, 'gu');
const escapedSign = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Prints results to standard output and messages to standard error, with colour and progress only on a terminal. */
export class Terminal {
  /** The exit code. A reader that closes the pipe early does not turn a failure into success. */
  exitCode: number = EXIT.done;
  #bar: SingleBar | undefined;

  constructor() {
    // The reader may stop early, as `head` does.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(this.exitCode);
      this.error(`docket: cannot write to standard output: ${error.message}`);
      process.exit(EXIT.refused);
    });
    // The message is lost; the work continues, and the exit code reports its result.
    process.stderr.on('error', () => undefined);
  }

  write(text: string | Uint8Array): void {
    process.stdout.write(text);
  }

  line(text = ''): void {
    this.write(`${harmless(text)}\n`);
  }

  /** Prints a value as a line of JSON, and returns the line. */
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

  /** Prints a warning about something that may be unintended. */
  warn(text: string): void {
    this.endProgress();
    const shown = harmless(`docket: warning: ${text}`);
    process.stderr.write(`${process.stderr.isTTY ? styleText('yellow', shown) : shown}\n`);
  }

  /** Returns the text in a style if the terminal supports it. */
  styled(style: Style, text: string): string {
    return process.stdout.isTTY ? styleText(style, text) : text;
  }

  /** Shows progress; does nothing without a terminal. */
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
