import { z } from 'zod';
import type { preferenceCalls } from '../../../shared/ipc/preference-calls';
import { notificationChoices, themeChoices } from '../../../shared/model/preferences';
import type { PayloadSchemas } from './payload-schemas';

export const preferencePayloads: PayloadSchemas<typeof preferenceCalls> = {
  'preferences.get': z.void(),
  'preferences.save': z.strictObject({
    theme: z.enum(themeChoices),
    notifications: z.enum(notificationChoices),
    startsHidden: z.boolean(),
  }),
  'login-item.set': z.strictObject({ isOn: z.boolean() }),
};
