import type { settingsCalls } from '../../../shared/ipc/settings-calls';
import type { PayloadSchemas } from './payload-schemas';

export const settingsPayloads: PayloadSchemas<typeof settingsCalls> = {};
