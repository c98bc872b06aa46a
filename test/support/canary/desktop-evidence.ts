import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ElectronApplication, Page } from 'playwright-core';

import { CommandLines, filesBelow, type AllowedPlace } from './evidence';
import { CanarySearch, type Evidence, type Leak } from './search';

/** Where a token may be on the disk of a person's desk; the keyring is none of them, for it is encrypted. */
const allowedPlaces: readonly AllowedPlace[] = [
  { path: /(^|\/)claude-cli\/token$/, reason: 'a token file that a test puts there, as a person would' },
];

/** What a window shows and keeps. Only the field for a secret may hold one, until it is saved: there a person types it. */
const LOOK = `(() => {
  const page = document.documentElement.cloneNode(true);
  for (const field of page.querySelectorAll('input[type=password]')) field.removeAttribute('value');
  const fields = document.querySelectorAll('input:not([type=password]), textarea');
  return JSON.stringify([
    page.outerHTML, document.body.innerText, document.title, location.href,
    [...fields].map((field) => field.value), Object.entries(localStorage), Object.entries(sessionStorage),
  ]);
})()`;

/** What one desktop session shows of secrets: files, messages between the processes, windows, output, command lines. */
export class DesktopEvidence {
  private readonly folder = mkdtempSync(join(tmpdir(), 'evidence-'));
  /** For the app, which notes there what main and window tell each other. */
  readonly ipcFile = join(this.folder, 'ipc.jsonl');
  private readonly commandLines = new CommandLines();
  private readonly noted: Evidence[] = [];
  private readonly pages = new Set<Page>();

  /** Listens to what the app and its windows say. */
  watch(app: ElectronApplication): void {
    const { stdout, stderr } = app.process();
    for (const [name, stream] of [
      ['stdout of the app', stdout],
      ['stderr of the app', stderr],
    ] as const) {
      stream?.on('data', (chunk: Buffer) => this.noted.push({ place: name, bytes: chunk }));
    }
    const own = (page: Page): void => {
      this.pages.add(page);
      page.on('console', (message) => this.note('console of the window', message.text()));
      // Nothing can be asked of a page that died, also when the app has loaded it again.
      page.once('close', () => this.pages.delete(page));
      page.once('crash', () => this.pages.delete(page));
    };
    app.windows().forEach(own);
    app.on('window', own);
  }

  note(place: string, text: string): void {
    this.noted.push({ place, bytes: Buffer.from(text) });
  }

  /** Notes what the windows show now: elements, text, what stands in fields, and what pages keep. */
  async look(): Promise<void> {
    this.commandLines.look();
    for (const page of this.pages) {
      const shown = await page.evaluate(LOOK);
      this.note('the window', String(shown));
    }
  }

  /** Everything that was seen, and what lies below these folders. */
  *all(folders: readonly string[]): Generator<Evidence> {
    yield* this.noted;
    yield this.commandLines.stop();
    for (const folder of [...folders, this.folder]) yield* filesBelow(folder, allowedPlaces);
  }

  leaks(folders: readonly string[]): readonly Leak[] {
    const leaks = new CanarySearch().leaksIn(this.all(folders));
    rmSync(this.folder, { recursive: true, force: true });
    return leaks;
  }
}
