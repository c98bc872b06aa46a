import { text } from 'node:stream/consumers';

import { createKeychain } from '../../src/main/platform/keychain';
import { createSecretIndex } from '../../src/main/platform/secret-index';

/** What the program is told to do, in order. */
export type KeychainStep =
  | { readonly do: 'write'; readonly name: string; readonly value: string }
  | { readonly do: 'read' | 'delete'; readonly name: string }
  | { readonly do: 'read-of-other'; readonly service: string; readonly name: string }
  | { readonly do: 'health' | 'list' | 'forget' };

/** Runs steps from stdin against the real keychain of its session; prints one JSON line with the answers. */
async function run(): Promise<void> {
  const steps: readonly KeychainStep[] = JSON.parse(await text(process.stdin)) as readonly KeychainStep[]; // written by keychain.test.ts
  const home = process.env['HOME'] ?? '';
  const keychain = createKeychain({
    index: createSecretIndex(`${home}/state/secrets.json`, process.platform),
    platform: process.platform,
    now: () => new Date(),
    readLimitMs: Number(process.env['KEYCHAIN_LIMIT_MS'] ?? 10_000),
    writeLimitMs: Number(process.env['KEYCHAIN_LIMIT_MS'] ?? 10_000),
  });
  const answers: unknown[] = [];
  for (const step of steps) {
    switch (step.do) {
      case 'write':
        answers.push(await keychain.write(step.name, step.value));
        break;
      case 'read':
        answers.push(await keychain.read(step.name));
        break;
      case 'read-of-other':
        answers.push(await keychain.readOfOther(step.service, step.name));
        break;
      case 'delete':
        answers.push(await keychain.delete(step.name));
        break;
      case 'health':
        answers.push(await keychain.health());
        break;
      case 'list':
        answers.push((await keychain.list()).map(({ name }) => name));
        break;
      case 'forget':
        keychain.forget();
        answers.push(null);
        break;
    }
  }
  process.stdout.write(`${JSON.stringify(answers)}\n`, () => process.exit(0));
}

await run();
