import type { RouterStatus } from '../../../shared/model/status';

/** The answer of `/health`. It names no address, no client and no secret. */
export interface Health {
  readonly httpStatus: 200 | 503;
  readonly body: string;
}

/** True while requests of clients reach the gateway. */
export function isServing({ shown }: Pick<RouterStatus, 'shown'>): boolean {
  return shown === 'connected' || shown === 'degraded';
}

/** What a probe or a person learns about a router that has run for `uptimeMs`. */
export function health(status: RouterStatus, uptimeMs: number): Health {
  const serves = isServing(status);
  const { shown, cause, degradations, sessions } = status;
  const facts = {
    status: serves ? 'healthy' : 'unhealthy',
    gateway: { state: shown, ...(cause === null ? {} : { cause: cause.code }) },
    degradations: [...new Set(degradations.map(({ code }) => code))],
    clients: sessions.length,
    uptime_seconds: Math.floor(Math.max(0, uptimeMs) / 1000),
  };
  return { httpStatus: serves ? 200 : 503, body: `${JSON.stringify(facts)}\n` };
}
