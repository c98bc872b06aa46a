import type { FuzzTarget } from './target';
import { configEditTarget, configTarget } from './targets/config';
import { httpAnswerTarget, httpSessionTarget } from './targets/http';
import { httpExchangeTarget, httpTransportTarget } from './targets/http-wire';
import { batchTarget, membersTarget, scanTarget, skipValueTarget } from './targets/json';
import { linesTarget, oversizeTarget } from './targets/lines';
import { oauthDiscoveryTarget, oauthTokenTarget } from './targets/oauth';
import { sseTarget } from './targets/sse';
import { greetingTarget, tcpFramesTarget, tcpPayloadTarget } from './targets/tcp';
import { tcpWireTarget } from './targets/tcp-wire';
import { envelopeTarget } from './targets/websocket';
import { websocketWireTarget } from './targets/websocket-wire';

/**
 * Every parser that reads what somebody else wrote. A new parser gets a file in targets/ with one `fuzzTarget` and a line here, and is then run short and long.
 */
export const targets: readonly FuzzTarget[] = [
  linesTarget,
  oversizeTarget,
  skipValueTarget,
  membersTarget,
  scanTarget,
  batchTarget,
  envelopeTarget,
  websocketWireTarget,
  tcpFramesTarget,
  greetingTarget,
  tcpPayloadTarget,
  tcpWireTarget,
  sseTarget,
  httpAnswerTarget,
  httpSessionTarget,
  httpExchangeTarget,
  httpTransportTarget,
  oauthTokenTarget,
  oauthDiscoveryTarget,
  configTarget,
  configEditTarget,
];
