// Preloaded in a built service (`--import`), in each thread: the clock returns the time in a file, as 13 digits of
// milliseconds.
import { Buffer } from 'node:buffer';
import { openSync, readSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

const file = openSync(process.env.DIFFERENTIAL_CLOCK, 'r');
const digits = Buffer.alloc(13);

function now() {
  readSync(file, digits, 0, digits.length, 0);
  return Number(digits.toString('latin1'));
}

globalThis.Date = class extends Date {
  constructor(...given) {
    if (given.length === 0) super(now());
    else super(...given);
  }

  static now() {
    return now();
  }
};

// The service compares its clock with the uptime.
os.uptime = () => now() / 1_000;
syncBuiltinESMExports();
