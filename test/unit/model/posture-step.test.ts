import { describe, expect, it } from 'vitest';

import { CONFIG_FILE, postureIds, type PostureId, type Verdict } from '../../../src/shared/model/posture';
import { postureStep, type PostureStep } from '../../../src/shared/model/posture-step';
import { settingEffects } from '../../../src/shared/model/setting-effects';

const settings = (search: string): PostureStep => ({ kind: 'open-settings', search });
const credentials: PostureStep = { kind: 'open-credentials' };

const rows: readonly (readonly [PostureId, Exclude<Verdict, 'pass'>, string | null, PostureStep | null])[] = [
  ['token-storage', 'warn', CONFIG_FILE, { kind: 'make-private' }],
  ['token-storage', 'warn', 'gateway.auth.type', settings('gateway.auth.type')],
  ['token-storage', 'warn', 'gateway.auth.token_file', credentials],
  ['token-storage', 'fail', 'gateway.auth', credentials],
  ['tls', 'warn', 'gateway.tls.min_version', settings('gateway.tls.min_version')],
  ['tls', 'fail', 'gateway.url', settings('gateway.url')],
  ['verification', 'warn', 'gateway.tls.verify', settings('gateway.tls.verify')],
  ['verification', 'fail', 'gateway.auth.tls.verify', settings('gateway.auth.tls.verify')],
  ['rate-limit', 'warn', 'local.rate_limit.enabled', settings('local.rate_limit.enabled')],
  ['rate-limit', 'fail', 'local.rate_limit.enabled', settings('local.rate_limit.enabled')],
  ['metrics', 'warn', 'metrics.endpoint', settings('metrics.endpoint')],
  ['metrics', 'fail', 'metrics.token_file', settings('metrics.token_file')],
  ['debug-logging', 'warn', 'logging.level', settings('logging.level')],
  ['debug-logging', 'fail', 'advanced.debug.log_frames', settings('advanced.debug.log_frames')],
  ['non-root', 'warn', null, null],
  ['non-root', 'fail', null, null],
  ['resource-limits', 'warn', 'local.max_sessions', settings('local.max_sessions')],
  ['resource-limits', 'fail', 'local.max_sessions', settings('local.max_sessions')],
  ['audit', 'warn', 'logging.audit.include_auth', settings('logging.audit.include_auth')],
  ['audit', 'fail', 'logging.audit.output', settings('logging.audit.output')],
  ['audit', 'fail', 'logging.audit.enabled', { kind: 'switch-on-audit' }],
  ['updates', 'warn', null, null],
  ['updates', 'fail', null, null],
  ['incident-contact', 'warn', 'security.contact', settings('security.contact')],
  ['incident-contact', 'fail', 'security.contact', settings('security.contact')],
  ['rotation', 'warn', 'security.rotation_days', settings('security.rotation_days')],
  ['rotation', 'fail', null, credentials],
];

describe('the next step of a point of the checklist', () => {
  it.each(rows)('%s, %s, about %s', (id, verdict, about, step) => {
    expect(postureStep({ id, verdict, about })).toEqual(step);
  });

  it('is said for each point and verdict, and searches for keys that there are', () => {
    for (const id of postureIds) {
      expect(new Set(rows.filter(([point]) => point === id).map(([, verdict]) => verdict))).toEqual(
        new Set(['warn', 'fail']),
      );
    }
    const searched = rows.flatMap(([, , , step]) => (step?.kind === 'open-settings' ? [step.search] : []));
    expect(searched.filter((key) => !(key in settingEffects))).toEqual([]);
  });

  it.each(postureIds)('%s has none where it is good', (id) => {
    expect(postureStep({ id, verdict: 'pass', about: null })).toBeNull();
  });

  it('opens no settings where no key is at fault', () => {
    expect(postureStep({ id: 'tls', verdict: 'warn', about: null })).toBeNull();
  });
});
