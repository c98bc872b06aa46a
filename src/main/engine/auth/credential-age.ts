import type { RouterConfig } from '../../../shared/model/config';
import { kindWords, oldCredentials, type OldCredential } from '../../../shared/model/credential-age';
import type { RouterFact } from '../../../shared/model/events';
import type { Degradation } from '../../../shared/model/status';
import type { Clock, CredentialFiles, SecretStore, Timer } from '../ports';

import { namedCertificates } from './named-certificates';

const DAY_MS = 86_400_000;

/** What looking after ages needs. */
export interface AgeParts {
  readonly clock: Clock;
  readonly secrets: SecretStore;
  readonly files: CredentialFiles;
  readonly config: () => RouterConfig;
  readonly publish: (fact: RouterFact) => void;
}

/** Tells once a day of each credential that should be rotated. */
export class CredentialAges {
  private old: readonly OldCredential[] = [];
  private told: ReadonlyMap<string, number> = new Map();
  private timer: Timer | undefined;
  private isStopped = false;

  constructor(private readonly parts: AgeParts) {}

  /** Looks now, and every day from now on. */
  async look(): Promise<void> {
    const { clock, secrets, files, config, publish } = this.parts;
    const isWanted = config().security.rotation_days > 0;
    const stored = isWanted ? await secrets.list() : [];
    const certificates = isWanted ? await namedCertificates(config().gateway_pool.endpoints, files) : [];
    if (this.isStopped) return;
    this.timer?.cancel();
    this.timer = clock.after(DAY_MS, () => {
      void this.look();
    });
    const now = clock.now();
    this.old = oldCredentials(config(), stored, certificates, now);
    const due = this.old.filter(({ name }) => now - (this.told.get(name) ?? -DAY_MS) >= DAY_MS);
    this.told = new Map(this.old.map(({ name }) => [name, this.told.get(name) ?? now]));
    for (const { what, name, days } of due) {
      this.told = new Map([...this.told, [name, now]]);
      publish({ kind: 'credential-ageing', what, name, days });
    }
  }

  degradations(): readonly Degradation[] {
    return this.old.map(({ what, name, days }) => ({
      code: 'credential-ageing',
      text: `The ${kindWords[what]} "${name}" was ${what === 'certificate' ? 'issued' : 'stored'} ${String(days)} days ago and should be rotated.`,
    }));
  }

  stop(): void {
    this.isStopped = true;
    this.timer?.cancel();
  }
}
