import { routerConfigSchema } from '../../src/shared/model/config';
import { postureOf, type PostureReport } from '../../src/shared/model/posture';

/** The whole checklist of a machine where most is good. */
export const samplePostureOfAll: PostureReport = {
  kind: 'evaluated',
  points: postureOf({
    config: routerConfigSchema.parse({
      gateway: {
        url: 'wss://gateway.example.com:8443/mcp',
        auth: { type: 'bearer', token_secure_key: 'gateway-token' },
      },
      metrics: { endpoint: '0.0.0.0:9091' },
      logging: { audit: { enabled: true } },
      security: { rotation_days: 90 },
    }),
    version: '0.1.0',
    uid: 1000,
    credential: { source: 'keychain', name: 'gateway-token' },
    findings: [],
    openFile: null,
    audit: { path: '/home/ada/.local/state/mcp-router/audit/audit.log', problem: null },
  }),
};
