import type { FailureCause } from '../../../shared/model/status';

/** Alerts of RFC 8446 section 6.2 that say something about our certificate. */
const CLIENT_CERTIFICATE_ALERTS: readonly (readonly [alert: RegExp, detail: string])[] = [
  [/ALERT_CERTIFICATE_EXPIRED/, 'as expired'],
  [/ALERT_CERTIFICATE_REVOKED/, 'as revoked'],
  [/ALERT_UNKNOWN_CA/, 'because it does not know its issuer'],
  [/ALERT_ACCESS_DENIED/, 'because its subject has no access'],
  [/ALERT_BAD_CERTIFICATE/, 'as bad'],
  [/ALERT_UNSUPPORTED_CERTIFICATE/, 'as unsupported'],
  [/ALERT_CERTIFICATE_UNKNOWN/, 'without a reason'],
];
const NOTHING_IN_COMMON = /ALERT_HANDSHAKE_FAILURE|ALERT_INSUFFICIENT_SECURITY|NO_SHARED_CIPHER/;

/**
 * The cause behind an alert that the other side sent, from the code and the message of a TLS error. OpenSSL
 * ("tlsv13 alert certificate required") and BoringSSL (TLSV1_ALERT_CERTIFICATE_REQUIRED) name the same thing.
 *
 * @returns null when the error is about something else
 */
export function alertCause(code: string, message: string): FailureCause | null {
  const text = `${code} ${message}`.toUpperCase().replaceAll(' ', '_');
  if (/ALERT_CERTIFICATE_REQUIRED|TLSV1_CERTIFICATE_REQUIRED/.test(text)) {
    return { code: 'client-certificate-missing', detail: 'it came with none' };
  }
  const refusal = CLIENT_CERTIFICATE_ALERTS.find(([alert]) => alert.test(text));
  if (refusal !== undefined) return { code: 'client-certificate-refused', detail: refusal[1] };
  if (NOTHING_IN_COMMON.test(text)) {
    return {
      code: 'cipher-rejected',
      detail: 'the gateway and gateway.tls.cipher_suites have none in common',
    };
  }
  return null;
}
