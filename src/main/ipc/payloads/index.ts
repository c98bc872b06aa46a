import { z } from 'zod';
import type { CallChannel, contract, InputOf } from '../../../shared/ipc/contract';
import { auditPayloads } from './audit-payloads';
import { clientAppPayloads } from './client-app-payloads';
import { credentialPayloads } from './credential-payloads';
import type { PayloadSchemas } from './payload-schemas';
import { preferencePayloads } from './preference-payloads';
import { securityPayloads } from './security-payloads';
import { settingsPayloads } from './settings-payloads';
import { setupPayloads } from './setup-payloads';
import { trafficPayloads } from './traffic-payloads';

/** Far above any real address; the router itself judges the content. */
const MAX_URL_LENGTH = 2048;
/** Far above any real token; a JWT with many claims stays below 8 KiB. */
const MAX_TOKEN_LENGTH = 16_384;

/** Names are cut to 80 when they are taken; a configuration may hold longer ones. */
const MAX_NAME_LENGTH = 1000;
const MAX_ID_LENGTH = 40;

const nothing = z.void();
const claimedName = z.strictObject({ name: z.string().min(1).max(MAX_NAME_LENGTH) });

/** What the page may send on each channel: nothing more, and nothing longer. */
const payloadSchemas: PayloadSchemas<typeof contract> = {
  'status.get': nothing,
  'events.recent': nothing,
  'connection.get': nothing,
  'connection.save': z.strictObject({
    url: z.string().max(MAX_URL_LENGTH),
    token: z.string().min(1).max(MAX_TOKEN_LENGTH).exactOptional(),
  }),
  'gateway.connect': nothing,
  'gateway.disconnect': nothing,
  'clients.disconnect': z.strictObject({ session: z.string().min(1).max(MAX_ID_LENGTH) }),
  'clients.block': claimedName,
  'clients.unblock': claimedName,
  'posture.get': nothing,
  'lockdown.enter': nothing,
  'lockdown.release': z.strictObject({ word: z.string().max(MAX_ID_LENGTH) }),
  ...auditPayloads,
  ...credentialPayloads,
  ...clientAppPayloads,
  ...securityPayloads,
  ...settingsPayloads,
  ...preferencePayloads,
  ...setupPayloads,
  ...trafficPayloads,
};

/** The outcome of looking at a payload. */
export type PayloadCheck<Input> =
  { readonly kind: 'accepted'; readonly input: Input } | { readonly kind: 'rejected' };

/** Accepts exactly what the channel takes: at most one argument, of the channel's own shape. */
export function checkPayload<C extends CallChannel>(
  channel: C,
  input: readonly unknown[],
): PayloadCheck<InputOf<C>> {
  if (input.length > 1) return { kind: 'rejected' };
  const schema: z.ZodType<InputOf<C>> = payloadSchemas[channel];
  const parsed = schema.safeParse(input[0]);
  return parsed.success ? { kind: 'accepted', input: parsed.data } : { kind: 'rejected' };
}
