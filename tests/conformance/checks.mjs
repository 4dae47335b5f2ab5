// Keeps what a suite found, and waits for what comes from the server by itself.
import { isDeepStrictEqual } from 'node:util';

class Recorder {
  checks = 0;
  faults = [];

  /** That something holds. */
  holds(what, truth) {
    this.checks += 1;
    if (!truth) this.faults.push(what);
  }

  /** That two values are the same all the way down. */
  same(what, got, wanted) {
    this.checks += 1;
    if (isDeepStrictEqual(got, wanted)) return;
    const [is, not] = [got, wanted].map((value) => `${JSON.stringify(value)}`.slice(0, 2000));
    this.faults.push(`${what}: ${is}, not ${not}`);
  }
}

/** A suite of that name: what it throws is a fault, too, so that the others still run. */
export function suite(name, run) {
  const named = async (url, token) => {
    const recorder = new Recorder();
    try {
      await within(20, `${name} as a whole`, run(recorder, url, token));
    } catch (error) {
      recorder.checks += 1;
      const causes = error.graphQLErrors ?? error.errors ?? [];
      const told = causes.map((cause) => cause.message).join('; ');
      recorder.faults.push(`stopped: ${error.stack ?? JSON.stringify(error)} ${told}`);
    }
    return { checks: recorder.checks, faults: recorder.faults };
  };
  return Object.defineProperty(named, 'name', { value: name });
}

/** What a promise gives, or an error that names what was waited for. */
export async function within(seconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${seconds} s for ${what}`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The first value of `look` that is true, asked again and again. */
export async function until(what, look, seconds = 5) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}
