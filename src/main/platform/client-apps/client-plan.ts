import type { ClientAction, ClientRefusal } from '../../../shared/model/client-apps';
import { shown } from '../shown-text';
import { editDocument, type ClientEntry } from './client-document';
import { entryFor, preferencesOf, startsSame } from './client-entry';
import type { ClientChange } from './client-journal';
import { connection, standing, type ClientSituation } from './client-situation';

/** What happens to the file. */
export type ClientWrite =
  | { readonly kind: 'text'; readonly text: string }
  /** The copy from before our last change, byte for byte. */
  | { readonly kind: 'restore'; readonly backup: string; readonly hash: string; readonly text: string }
  /** It did not exist before us. */
  | { readonly kind: 'delete' }
  /** The file is as it should be; only our memory of it changes. */
  | { readonly kind: 'none' };

/** A change that was decided, for a person to confirm and for the executor to carry out. Nothing is written by it. */
export interface ClientPlan {
  readonly situation: ClientSituation;
  readonly action: ClientAction;
  readonly summary: string;
  readonly write: ClientWrite;
  /** What is remembered: a new change, or one less. */
  readonly memory: Pick<ClientChange, 'name' | 'entry'> | 'forget-last';
  readonly warnings: readonly string[];
}

export type ClientDecision = { readonly kind: 'planned'; readonly plan: ClientPlan } | ClientRefusal;

export interface PlanOptions {
  readonly name?: string | undefined;
  readonly mayReplace?: boolean;
}

/** What every client accepts as the name of a server. */
export const NAME_SHAPE = /^[A-Za-z0-9][A-Za-z0-9_-]{0,47}$/;

export const refused = (message: string): ClientRefusal => ({ kind: 'refused', message });
export const nothing = (message: string): ClientRefusal => ({ kind: 'nothing-to-do', message });
export const unusable = (situation: ClientSituation, problem: string): ClientRefusal => ({
  kind: 'unusable',
  message: `${shown(situation.path ?? situation.app.title, 300)}: ${problem}`,
});

/** Puts our entry into the file of a client. */
export function planConnect(situation: ClientSituation, options: PlanOptions): ClientDecision {
  const { app, path } = situation;
  const { mayReplace = false } = options;
  if (!situation.isFound || path === null) return refused(`${app.title} was not found on this machine.`);
  const file = situation.opened;
  if (file.kind === 'unusable') return unusable(situation, file.problem);
  const { state, name: known } = standing(situation);
  const name = options.name ?? known;
  if (!NAME_SHAPE.test(name)) return refused('A name has letters, digits, - and _ (48 at most).');
  if (state.kind === 'connected') {
    if (name === known) return nothing(`${app.title} is connected already, as "${shown(known)}".`);
    return refused(`${app.title} is connected as "${shown(known)}"; disconnect it first.`);
  }
  if (state.kind === 'drifted' && name !== known) {
    return refused(`${app.title} was connected as "${known}"; repair or disconnect it first.`);
  }
  if (state.kind === 'drifted' && state.change === 'router-moved') return planRepair(situation);
  const isTaken = file.document.names.has(name);
  if (isTaken && !mayReplace) {
    const other = freeName(name, file.document.names);
    const message = `${app.title} has a server "${name}" that is not ours. Take another name with --name ${other}, or replace it with --replace.`;
    return { kind: 'refused', message, freeName: other };
  }
  const what = isTaken ? `Replace the server "${name}" in` : `Add the server "${name}" to`;
  return planPut(situation, { action: 'connect', name, text: file.text, what });
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 2; ; number += 1) {
    const candidate = `${name.slice(0, 40)}-${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** Puts our entry back as it was meant. */
export function planRepair(situation: ClientSituation): ClientDecision {
  const { app, launcher } = situation;
  const file = situation.opened;
  const { state, name } = standing(situation);
  const ours = connection(situation);
  if (ours === null) {
    if (state.kind === 'connected') return nothing(`${app.title} is connected; there is nothing to repair.`);
    return refused(`${app.title} was never connected; use: mcp-router clients connect ${app.id}`);
  }
  if (file.kind === 'unusable') return unusable(situation, file.problem);
  const entry = file.document.entries.get(name);
  const wanted = entryFor(app, launcher);
  if (state.kind === 'connected' && entry !== undefined && startsSame(entry, wanted)) {
    return nothing(`${app.title} is connected; there is nothing to repair.`);
  }
  const what = `Put the server "${name}" right in`;
  const kept = entry === undefined ? {} : preferencesOf(entry);
  return planPut(situation, { action: 'repair', name, text: file.text, what, kept });
}

interface Put {
  readonly action: 'connect' | 'repair';
  readonly name: string;
  readonly text: string;
  readonly what: string;
  readonly kept?: ClientEntry;
}

function planPut(situation: ClientSituation, { action, name, text, what, kept = {} }: Put): ClientDecision {
  const { app, launcher, path } = situation;
  const wanted = entryFor(app, launcher);
  const edit = editDocument(app, text, { name, entry: { ...wanted, ...kept } });
  if (edit.kind === 'refused') return unusable(situation, edit.problem);
  const start = [launcher.command, ...launcher.args].map((word) => shown(word, 300)).join(' ');
  const warnings = [...situation.warnings, ...launcher.warnings];
  if (!app.allowsComments && hasComments(situation)) {
    warnings.push(`the file has comments, which ${app.title} may not understand`);
  }
  return {
    kind: 'planned',
    plan: {
      situation,
      action,
      summary: `${what} ${shown(path ?? '', 300)}; it starts: ${start}`,
      write: { kind: 'text', text: edit.text },
      memory: { name, entry: wanted },
      warnings,
    },
  };
}

function hasComments(situation: ClientSituation): boolean {
  const file = situation.opened;
  return file.kind === 'open' && file.document.hasComments;
}

/** Takes our entry out of the file of a client. */
export function planDisconnect(
  situation: ClientSituation,
  { mayReplace = false }: PlanOptions,
): ClientDecision {
  const { app, path, warnings } = situation;
  const file = situation.opened;
  const { state, name } = standing(situation);
  if (file.kind === 'unusable') {
    return situation.isFound ? unusable(situation, file.problem) : nothing(`${app.title} is not connected.`);
  }
  const base = { situation, action: 'disconnect', memory: { name, entry: null }, warnings } as const;
  switch (state.kind) {
    case 'not-found':
    case 'not-connected':
    case 'name-taken':
    case 'unusable':
      return nothing(`${app.title} is not connected.`);
    case 'drifted':
      if (state.change === 'entry-removed') {
        const summary = `The server "${name}" is gone from ${shown(path ?? '', 300)} already; it is not repaired any more`;
        return { kind: 'planned', plan: { ...base, summary, write: { kind: 'none' } } };
      }
      if (state.change === 'entry-changed' && !mayReplace) {
        return refused(
          `The server "${name}" of ${app.title} was changed and is not ours any more. Remove it anyway with --replace, or put it right with repair.`,
        );
      }
      break;
    case 'connected':
      break;
  }
  const edit = editDocument(app, file.text, { name, entry: null });
  if (edit.kind === 'refused') return unusable(situation, edit.problem);
  const summary = `Remove the server "${shown(name)}" from ${shown(path ?? '', 300)}`;
  return { kind: 'planned', plan: { ...base, summary, write: { kind: 'text', text: edit.text } } };
}
