import { describe, expect, it } from 'vitest';

import { configKeys } from '../../src/main/platform/config-keys';
import { routerConfigSchema } from '../../src/shared/model/config';
import { changedKeys, settingEffects, withEffect } from '../../src/shared/model/setting-effects';

const config = (
  changes: Readonly<Record<string, object>> = {},
): ReturnType<typeof routerConfigSchema.parse> =>
  routerConfigSchema.parse({ ...changes, gateway: { url: 'wss://gateway.example/', ...changes['gateway'] } });

describe('SEC-76 the table of what takes effect when', () => {
  it('names every key of the schema, and no other', () => {
    const keys = configKeys().map(({ path }) => path);
    expect(Object.keys(settingEffects).sort()).toEqual([...keys].sort());
  });

  it('says what was changed between two configurations', () => {
    expect(changedKeys(config(), config())).toEqual([]);
    const next = config({
      gateway: { tls: { pins: [`sha256/${'A'.repeat(43)}=`] } },
      local: { rate_limit: { burst: 7 } },
      logging: { level: 'debug' },
    });
    const changed = changedKeys(config(), next);
    expect(changed).toEqual(['gateway.tls.pins', 'local.rate_limit.burst', 'logging.level']);
    expect(withEffect(changed, 'reconnect')).toEqual(['gateway.tls.pins']);
    expect(withEffect(changed, 'live')).toEqual(['local.rate_limit.burst']);
    expect(withEffect(changed, 'restart')).toEqual(['logging.level']);
  });

  it('tells a change of an endpoint that is not the preferred one', () => {
    const pool = (second: string): ReturnType<typeof routerConfigSchema.parse> =>
      routerConfigSchema.parse({
        gateway_pool: { endpoints: [{ url: 'wss://one.example/' }, { url: second, priority: 2 }] },
      });
    const changed = changedKeys(pool('wss://two.example/'), pool('wss://three.example/'));
    expect(changed).toEqual(['gateway_pool.endpoints']);
    expect(withEffect(changed, 'reconnect')).toEqual(changed);
  });
});
