import type { ErrorCode } from '../../../shared/model/errors';

/** How servers say that they do not take a client certificate: by an alert, or by an HTTP answer (nginx: 400). */
export const certificateRefusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'client-certificate-refused',
  'client-certificate-missing',
  'tls-failed',
  'auth-failed',
  'gateway-refused',
]);
