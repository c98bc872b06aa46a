import type { ClientId } from '../../../shared/model/client-apps';
import { claudeCode } from './claude-code';
import { claudeDesktop } from './claude-desktop';
import type { ClientApp } from './client-app';
import { codex } from './codex';
import { cursor } from './cursor';
import { gemini } from './gemini';
import { vsCode, vsCodeInsiders } from './vs-code';
import { windsurf } from './windsurf';
import { zed } from './zed';

/** Every client by its id; the order is the one that people see. */
export const clientList: Readonly<Record<ClientId, ClientApp>> = {
  'claude-desktop': claudeDesktop,
  'claude-code': claudeCode,
  cursor,
  vscode: vsCode,
  'vscode-insiders': vsCodeInsiders,
  windsurf,
  zed,
  codex,
  gemini,
};
