import type { RouterConfig } from './config';

/** What is recorded, after `advanced.compliance.audit_all` had its say. */
export interface AuditChoice {
  readonly enabled: boolean;
  readonly auth: boolean;
  readonly requests: boolean;
  /** What cannot be recorded is refused. */
  readonly isDemanded: boolean;
}

/** `audit_all` switches everything on, whatever else is set. */
export function auditChoice(config: Pick<RouterConfig, 'logging' | 'advanced'>): AuditChoice {
  const { audit } = config.logging;
  const { audit_all: all } = config.advanced.compliance;
  return {
    enabled: all || audit.enabled,
    auth: all || audit.include_auth,
    requests: all || audit.include_requests,
    isDemanded: all,
  };
}
