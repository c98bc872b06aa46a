import { StringDecoder } from 'node:string_decoder';

import type { CommandInput, CommandIo } from './command-io';

/** How asking for a secret ended. */
export type SecretInput =
  | { readonly kind: 'entered'; readonly value: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'too-long' };

const MAX_BYTES = 64 * 1024;

/** Reads a secret: from a terminal without showing it, else all of stdin without its last line end. */
export function readSecret(question: string, io: CommandIo): Promise<SecretInput> {
  return io.stdin.isTTY === true && io.stdin.setRawMode !== undefined ? ask(question, io) : readAll(io.stdin);
}

async function readAll(stdin: CommandInput): Promise<SecretInput> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk), 'utf8');
    bytes += buffer.length;
    if (bytes > MAX_BYTES) return { kind: 'too-long' };
    chunks.push(buffer);
  }
  return {
    kind: 'entered',
    value: Buffer.concat(chunks)
      .toString('utf8')
      .replace(/\r?\n$/, ''),
  };
}

/** The question goes to stderr, so that stdout stays free for scripts. */
async function ask(question: string, io: CommandIo): Promise<SecretInput> {
  io.stdin.setRawMode?.(true);
  io.stderr.write(question);
  try {
    return await typedLine(io.stdin);
  } finally {
    io.stdin.setRawMode?.(false);
    io.stdin.pause();
    io.stderr.write('\n');
  }
}

function typedLine(stdin: CommandInput): Promise<SecretInput> {
  return new Promise((settle) => {
    const decoder = new StringDecoder('utf8');
    let line: readonly string[] = [];
    const finish = (result: SecretInput): void => {
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      settle(result);
    };
    const onData = (chunk: Buffer | string): void => {
      const text = typeof chunk === 'string' ? chunk : decoder.write(chunk);
      for (const key of text) {
        const step = typed(line, key);
        if (step.kind !== 'more') {
          finish(step);
          return;
        }
        ({ line } = step);
      }
    };
    const onEnd = (): void => finish({ kind: 'cancelled' });
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    stdin.resume();
  });
}

type Typed = SecretInput | { readonly kind: 'more'; readonly line: readonly string[] };

/** What one key does to a line that a terminal in raw mode hands over key by key. */
function typed(line: readonly string[], key: string): Typed {
  switch (key) {
    case '\r':
    case '\n':
      return { kind: 'entered', value: line.join('') };
    case '\u0003':
      return { kind: 'cancelled' };
    case '\u0004':
      return line.length === 0 ? { kind: 'cancelled' } : { kind: 'entered', value: line.join('') };
    case '\u007f':
    case '\b':
      return { kind: 'more', line: line.slice(0, -1) };
    case '\u0015':
      return { kind: 'more', line: [] };
    default:
      return line.length >= MAX_BYTES ? { kind: 'too-long' } : { kind: 'more', line: [...line, key] };
  }
}
