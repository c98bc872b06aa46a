import { postureOf, type PostureFacts, type PostureReport } from '../../shared/model/posture';
import type { RouterConfig } from '../../shared/model/config';
import { auditPath } from '../platform/audit-file';
import { findLacks, writeProblem } from '../platform/config-check';
import { openConfigFile } from '../platform/config-access';
import type { Machine } from '../platform/machine';

import { problemLines } from './problem-lines';

/** Who asks. */
export interface PostureAsker {
  /** Effective user id; null on Windows. */
  readonly uid: number | null;
  readonly version: string;
}

/** Goes through the hardening checklist for what is configured on this machine. */
export async function postureReport(
  machine: Machine,
  asker: PostureAsker,
  configPath?: string,
): Promise<PostureReport> {
  const loaded = await machine.loadConfig(configPath);
  if (loaded.kind !== 'valid') return { kind: 'no-config', problems: problemLines(loaded) };
  const facts = await postureFacts(loaded.config, machine, asker);
  const openFile = await openConfigFile(loaded.path, asker.uid);
  return { kind: 'evaluated', points: postureOf({ ...facts, openFile }) };
}

async function postureFacts(
  config: RouterConfig,
  machine: Machine,
  { uid, version }: PostureAsker,
): Promise<Omit<PostureFacts, 'openFile'>> {
  const { place } = machine;
  const { credential, findings } = await findLacks(config, { ...machine, secrets: machine.keychain });
  const path = auditPath(config.logging.audit.output, place);
  const problem = path === undefined ? 'this user has no home folder' : await writeProblem(path, place);
  const audit = { path: path ?? config.logging.audit.output ?? 'the audit log', problem };
  return { config, version, uid, credential, findings, audit };
}
