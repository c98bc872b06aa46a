/** What one error code means to each of its three audiences: the client, the person and the audit trail. */
export interface ErrorMeaning {
  /** JSON-RPC error code on the wire (design section 7). */
  readonly jsonRpcCode: -32700 | -32600 | -32603 | -32000;
  /** HTTP status for doors that speak HTTP. */
  readonly httpStatus: number;
  /** One sentence for a person: what happened. */
  readonly text: string;
  /** What the person can do about it; empty when nothing is to be done. */
  readonly nextStep: string;
  /** True when sending the same request again is safe and may succeed. */
  readonly retryable: boolean;
  /** True when the audit trail records it. */
  readonly audited: boolean;
  /** Whose limit was hit: ours or the other side's; null when it was none. The client sees it as `limited_by`. */
  readonly limitedBy: 'router' | 'gateway' | null;
}

/** Builds one row of the table. */
export const meaning = (
  /** JSON-RPC code and HTTP status. */
  [jsonRpcCode, httpStatus]: readonly [ErrorMeaning['jsonRpcCode'], number],
  text: string,
  nextStep = '',
  flags: Partial<Pick<ErrorMeaning, 'retryable' | 'audited' | 'limitedBy'>> = {},
): ErrorMeaning => ({
  jsonRpcCode,
  httpStatus,
  text,
  nextStep,
  retryable: flags.retryable ?? false,
  audited: flags.audited ?? false,
  limitedBy: flags.limitedBy ?? null,
});

/** Sending the same again is safe. */
export const RETRYABLE = { retryable: true } as const;
/** The audit trail records it. */
export const AUDITED = { audited: true } as const;
/** The limit is the router's own. */
export const OUR_LIMIT = { limitedBy: 'router' } as const;
